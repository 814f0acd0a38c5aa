model LeNet {
  input image: f32[N, 1, 8, 8]
  x = image -> Conv2D(6, 5, padding = "same") -> Tanh -> AveragePooling2D(2) -> Flatten
  for i in range(3) { x = x -> Linear(8) }
  output logits = x -> Dense(10) -> Softmax
}
