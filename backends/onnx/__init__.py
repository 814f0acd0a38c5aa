"""ONNX: the model as a graph for inference, and scripts that run it."""

from dlmc.backends.onnx.backend import OnnxBackend

__all__ = ["OnnxBackend"]
