model M {
  input x: f32[N, 3, 8, 8]
  a = x -> MaxPool2d(2)
  b = x -> max_pool(kernel_size = 2)
  c = x -> AveragePooling2D(2)
  output y = x
}
