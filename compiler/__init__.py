"""dlmc: one small model description, compiled to PyTorch, TensorFlow and ONNX."""
