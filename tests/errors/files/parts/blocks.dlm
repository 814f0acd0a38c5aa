"""A residual connection around a layer of the same width."""
block Residual {
  input x: float[N, D]
  output x + (x -> Dense(D))
}

fn act(x) = relu(x)
