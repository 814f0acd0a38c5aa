const A = 1
const A = 2
fn f(x) = x
fn f(x, y) = x
block f {
  input x: float[N, D]
  output x
}
data d {
  source = inline(x = [1.0, 2.0])
  x: f32
}
data d {
  source = inline(x = [1.0, 2.0])
  x: f32
}
model M {
  input x: f32[N, A]
  output y = f(x)
}
