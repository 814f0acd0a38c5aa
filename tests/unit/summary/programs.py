"""Programs whose figures are published."""

RESNET = """
block Bottleneck(width, stride = 1) {
  input x: f32[N, C, H, W]
  y = x -> Conv(width, 1, bias = false) as conv1 -> BatchNorm as bn1 -> relu
        -> Conv(width, 3, stride = stride, padding = 1, bias = false) as conv2
        -> BatchNorm as bn2 -> relu
        -> Conv(4 * width, 1, bias = false) as conv3 -> BatchNorm as bn3
  skip = if stride != 1 or C != 4 * width
         then x -> Conv(4 * width, 1, stride = stride, bias = false) as "downsample.0"
                -> BatchNorm as "downsample.1"
         else x
  output relu(y + skip)
}

model ResNet(stages = [3, 4, 6, 3], classes = 1000) {
  input image: f32[N, 3, 224, 224]
  x = image -> Conv(64, 7, stride = 2, padding = 3, bias = false) as conv1
            -> BatchNorm as bn1 -> relu -> max_pool(3, stride = 2, padding = 1)
  for s, count in enumerate(stages) {
    for i in 0..count {
      x = x -> Bottleneck(64 * 2 ** s, stride = if s > 0 and i == 0 then 2 else 1)
                 as "layer{s + 1}.{i}"
    }
  }
  output logits: f32[N, classes] = x -> mean(axis = [2, 3]) -> Dense(classes) as fc
}
"""
