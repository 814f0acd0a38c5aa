"""What they are called here."""

model Net {
  input  x: f32[N, 4, 16]
  output a = torch.take_along_dim(x, x, dim = 1)
  output b = tf.einsum("ni->n", x[0])
  output c = x.repeat(1, 2)
  output d = torch.fliplr(x)
  output e = x -> permute([0, 2, 1])
  output f = torch.topk(x, 3, dim = 1)
  output h = torch.gather(x, 1, x)
  output g = np.arctan2(x, x)
}
