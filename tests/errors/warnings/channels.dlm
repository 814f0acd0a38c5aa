"""Images laid out as elsewhere, and convolutions called as elsewhere."""

model Last {
  input image: f32[N, 8, 8, 1]
  output logits = image -> Conv(16, 3, padding = "same") -> relu -> flatten -> Dense(10)
}

model Given {
  input image: f32[N, 3, 32, 32]
  output logits = image -> Conv(3, 16, 3) -> relu -> flatten -> Dense(10)
}

"""None of these is surely wrong."""
model Right {
  input image: f32[N, 3, 32, 32]
  input sound: f32[N, 4, 1]
  input small: f32[N, 4, 1, 1]
  patches = image -> Conv(64, 16, stride = 16) -> flatten
  mixed = image -> Conv(3, 3, stride = 2, padding = 1) -> flatten
  whole = sound -> Conv(8, 3, padding = 1) -> flatten
  deep = small -> Conv(8, 3, padding = 1) -> flatten
  all = concat(patches, mixed, whole, deep, axis = 1)
  output logits = all -> Dense(10)
}
