model M {
  input x: f32[N, 4]
  a = torch.relu(x)
  b = F.relu(x)
  c = tf.nn.relu(x)
  output y = a + b + c
}
