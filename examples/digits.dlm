"""A small convolutional network for 8x8 handwritten digits."""

"""Convolution, batch normalisation and GELU."""
block ConvBlock(filters) {
  input x: f32[N, C, H, W]
  output x -> Conv(filters, 3, padding = 1, bias = false) as conv -> BatchNorm as norm -> gelu
}

model Digits(classes = 10) {
  input image: f32[N, 1, 8, 8]
  x = image -> ConvBlock(16) as block
  x = x -> ConvBlock(32) as block_2 -> avg_pool(2)
  output logits: f32[N, classes] = x -> flatten -> Dropout(0.25) -> Dense(classes)
}

data digits {
  source = csv("data/digits.csv")
  image: f32[1, 8, 8] = reshape(columns("pixel_*") / 16, [1, 8, 8])
  label: i64          = column("digit")
  split  = random(train = 80%, validation = 10%, test = 10%, seed = 0)
}

train Digits on digits {
  loss      = cross_entropy(logits, label)
  metrics   = [accuracy(logits, label)]
  optimizer = adam(lr = 1e-3)
  epochs    = 10
  batch     = 64
}
