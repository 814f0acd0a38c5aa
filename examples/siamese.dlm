"""A siamese network (Bromley et al., 1993): do two images show the same digit?

One encoder, with one set of weights, sees both images; the loss (Hadsell et al., 2006) draws
its results together for equal digits and apart for different ones.
"""

"""A point in the plane of meaning for an image, of length 1."""
block Encoder(features = 16) {
  input image: f32[N, 1, 8, 8]
  x = image -> Conv(16, 3, padding = 1) as conv1 -> gelu
            -> avg_pool(2)
            -> Conv(32, 3, padding = 1) as conv2 -> gelu -> flatten
            -> Dense(features) as out
  output x * rsqrt(sum(x ** 2, axis = -1, keep = true) + 1e-6)
}

model Siamese(features = 16) {
  input left:  f32[N, 1, 8, 8]
  input right: f32[N, 1, 8, 8]
  encoder = Encoder(features)
  difference = encoder(left) - encoder(right)
  output distance: f32[N] = sqrt(sum(difference ** 2, axis = -1) + 1e-6)
}

"""The share of pairs that a distance of 0.5 tells apart."""
fn agreement(distance, same) = mean(cast((distance < 0.5) == same, f32))

data pairs {
  source = npz("data/digit_pairs.npz")
  left:  f32[1, 8, 8] = reshape(column("left", dtype = f32) / 16, [1, 8, 8])
  right: f32[1, 8, 8] = reshape(column("right", dtype = f32) / 16, [1, 8, 8])
  same:  bool
  split  = random(train = 80%, validation = 10%, test = 10%, seed = 0)
}

train Siamese on pairs {
  loss      = contrastive(distance, same)
  metrics   = [agreement(distance, same)]
  optimizer = adam(lr = 1e-3)
  epochs    = 20
  batch     = 32
}
