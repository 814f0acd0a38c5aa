"""MobileNetV2 (Sandler et al., 2018), of width 1.0.

As in torchvision; Keras has `padding = "same"`, which puts the odd row and column of
zeros at the end, `eps = 1e-3` and `decay = 0.999`.
"""

"""Widens the channels, filters each of them apart, and narrows them again.

Where input and output agree in shape there is a shortcut between the narrow ends.
"""
block InvertedResidual(filters, expansion, stride, padding = 1, eps = 1e-5, decay = 0.9) {
  input x: float[N, C, H, W]
  y = x
  if expansion != 1 {
    y = y -> Conv(expansion * C, 1, bias = false) as expand
          -> BatchNorm(decay, eps) as expand_norm -> relu6
  }
  y = y -> DepthwiseConv(3, stride = stride, padding = padding, bias = false) as depthwise
        -> BatchNorm(decay, eps) as depthwise_norm -> relu6
        -> Conv(filters, 1, bias = false) as project
        -> BatchNorm(decay, eps) as project_norm
  output if stride == 1 and C == filters then x + y else y
}

"""Expansion, filters, number of blocks and stride of the first one."""
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
]

model MobileNet(classes = 1000, size = 224, padding = 1, eps = 1e-5, decay = 0.9) {
  input image: f32[N, 3, size, size]
  x = image -> Conv(32, 3, stride = 2, padding = padding, bias = false) as stem
            -> BatchNorm(decay, eps) as stem_norm -> relu6
  for s, stage in enumerate(STAGES) {
    expansion, filters, count, stride = stage
    for i in 0..count {
      first = if i == 0 then stride else 1
      x = x -> InvertedResidual(
              filters, expansion, first, padding, eps, decay,
            ) as "stage{s + 1}.{i}"
    }
  }
  x = x -> Conv(1280, 1, bias = false) as head -> BatchNorm(decay, eps) as head_norm -> relu6
  output logits: f32[N, classes] = x -> global_avg_pool -> Dropout(0.2) -> Dense(classes)
}
