"""An autoencoder: an 8x8 digit squeezed into eight numbers and drawn again from them."""

"""From an image to its code."""
block Encoder(hidden, code) {
  input x: f32[N, D]
  output x -> Dense(hidden) -> relu -> Dense(code)
}

"""From a code back to an image, each pixel between 0 and 1."""
block Decoder(hidden, pixels) {
  input code: f32[N, D]
  output code -> Dense(hidden) -> relu -> Dense(pixels) -> sigmoid
}

model Autoencoder(hidden = 32, code = 8) {
  input  image:          f32[N, 64]
  output reconstruction: f32[N, 64] =
    image -> Encoder(hidden, code) as encoder -> Decoder(hidden, 64) as decoder
}

data digits {
  source = csv("data/digits.csv")
  image: f32[64] = columns("pixel_*") / 16
  split  = random(train = 80%, validation = 10%, test = 10%, seed = 0)
}

train Autoencoder on digits {
  loss      = mse(reconstruction, image)
  optimizer = adam(lr = 1e-3)
  epochs    = 50
  batch     = 64
}
