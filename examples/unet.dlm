"""A U-Net (Ronneberger et al., 2015), which says for each pixel whether it is ink.

The original's convolutions lose a border; these keep the size, as most do today.
"""

"""Two 3x3 convolutions."""
block Double(filters) {
  input x: float[N, C, H, W]
  output x -> Conv(filters, 3, padding = 1, bias = false) as conv1 -> BatchNorm as norm1 -> relu
           -> Conv(filters, 3, padding = 1, bias = false) as conv2 -> BatchNorm as norm2 -> relu
}

"""Twice the size, then beside what was seen there on the way down."""
block Up(filters) {
  input x:    float[N, C, H, W]
  input seen: float[N, Seen, 2 * H, 2 * W]
  larger = x -> ConvTranspose(filters, 2, stride = 2) as up
  output concat(seen, larger, axis = 1) -> Double(filters) as mix
}

model UNet(channels = 1, classes = 2, widths = [8, 16, 32], size = 8) {
  input image: f32[N, channels, size, size]
  x = image
  seen = []
  for i, width in enumerate(widths[:-1]) {
    x = x -> Double(width) as "down.{i}"
    seen = [x] + seen
    x = max_pool(x, 2)
  }
  x = x -> Double(widths[-1]) as bottom
  for i, skip in enumerate(seen) {
    up = Up(widths[-2 - i])
    x = up(x, skip)
  }
  output logits: f32[N, size, size, classes] =
    x -> Conv(classes, 1) as head -> transpose([0, 2, 3, 1])
}

data digits {
  source = csv("data/digits.csv")
  image: f32[1, 8, 8] = reshape(columns("pixel_*") / 16, [1, 8, 8])
  ink:   i64[8, 8]    = cast(reshape(columns("pixel_*"), [8, 8]) > 7, i64)
  split  = random(train = 80%, validation = 10%, test = 10%, seed = 0)
}

train UNet on digits {
  loss      = cross_entropy(logits, ink)
  metrics   = [accuracy(logits, ink)]
  optimizer = adam(lr = 1e-3)
  epochs    = 5
  batch     = 64
}
