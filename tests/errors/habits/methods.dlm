model M {
  input x: f32[N, 4, 4]
  a = x.mean(axis = 1)
  b = x.flatten()
  c = x.unsqueeze(1)
  d = x.size(0)
  e = x.detach()
  f = x.to(f64)
  g = x.float()
  output y = x
}
