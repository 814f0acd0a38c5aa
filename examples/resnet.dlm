"""Residual networks (He et al., 2016): ResNet-50, and ResNet-18 in the training.

As in torchvision, whose names the weights have, the 3x3 convolution of a bottleneck has
the stride. The paper and Keras give it to the first 1x1 one: `stride_first = true`; Keras
also has `bias = true`, `eps = 1.001e-5` and `decay = 0.99`.
"""

"""Two 3x3 convolutions with a shortcut around them: ResNet-18 and 34."""
block BasicBlock(width, stride = 1, bias = false, eps = 1e-5, decay = 0.9) {
  input x: float[N, C, H, W]
  y = x -> Conv(width, 3, stride = stride, padding = 1, bias = bias) as conv1
        -> BatchNorm(decay, eps) as bn1 -> relu
        -> Conv(width, 3, padding = 1, bias = bias) as conv2
        -> BatchNorm(decay, eps) as bn2
  skip = if stride != 1 or C != width
         then x -> Conv(width, 1, stride = stride, bias = bias) as "downsample.0"
                -> BatchNorm(decay, eps) as "downsample.1"
         else x
  output relu(y + skip)
}

"""A 3x3 convolution between two 1x1 ones, on few channels: ResNet-50 and deeper."""
block Bottleneck(width, stride = 1, stride_first = false, bias = false, eps = 1e-5, decay = 0.9) {
  input x: float[N, C, H, W]
  first = if stride_first then stride else 1
  y = x -> Conv(width, 1, stride = first, bias = bias) as conv1
        -> BatchNorm(decay, eps) as bn1 -> relu
        -> Conv(width, 3, stride = stride / first, padding = 1, bias = bias) as conv2
        -> BatchNorm(decay, eps) as bn2 -> relu
        -> Conv(4 * width, 1, bias = bias) as conv3
        -> BatchNorm(decay, eps) as bn3
  skip = if stride != 1 or C != 4 * width
         then x -> Conv(4 * width, 1, stride = stride, bias = bias) as "downsample.0"
                -> BatchNorm(decay, eps) as "downsample.1"
         else x
  output relu(y + skip)
}

model ResNet(
  stages = [3, 4, 6, 3],
  bottleneck = true,
  classes = 1000,
  channels = 3,
  size = 224,
  stride_first = false,
  bias = false,
  eps = 1e-5,
  decay = 0.9,
) {
  input image: f32[N, channels, size, size]
  x = image -> Conv(64, 7, stride = 2, padding = 3, bias = bias) as conv1
            -> BatchNorm(decay, eps) as bn1 -> relu
            -> max_pool(3, stride = 2, padding = 1)
  for s, count in enumerate(stages) {
    for i in 0..count {
      width = 64 * 2 ** s
      stride = if s > 0 and i == 0 then 2 else 1
      x = if bottleneck
          then x -> Bottleneck(width, stride, stride_first, bias, eps, decay) as "layer{s + 1}.{i}"
          else x -> BasicBlock(width, stride, bias, eps, decay) as "layer{s + 1}.{i}"
    }
  }
  output logits: f32[N, classes] = x -> mean(axis = [2, 3]) -> Dense(classes) as fc
}

data digits {
  source = csv("data/digits.csv")
  image: f32[1, 16, 16] = resize(reshape(columns("pixel_*") / 16, [1, 1, 8, 8]), scale = 2)[0]
  label: i64            = column("digit")
  split  = random(train = 80%, validation = 10%, test = 10%, seed = 0)
}

train resnet18 = ResNet(
  stages = [2, 2, 2, 2], bottleneck = false, classes = 10, channels = 1, size = 16,
) on digits {
  loss      = cross_entropy(logits, label)
  metrics   = [accuracy(logits, label)]
  optimizer = sgd(lr = cosine(0.01, warmup = 20), momentum = 0.9, l2 = 5e-4)
  epochs    = 3
  batch     = 64
}
