"""Elementary functions: angles, logarithms and tests, applied to each number of a tensor."""

"""The tangent of x, in radians: sin(x) / cos(x).

    f32[N, 6] -> tan
    tan(f64[N, 3])
"""
fn tan(x) = sin(x) / cos(x)

"""The angle, in radians between -pi / 2 and pi / 2, whose sine is x; NaN beyond -1 and 1.

    tanh(f32[N, 6]) -> asin
    asin(0.5 * sin(f64[N, 3]))
"""
fn asin(x) = atan(x * rsqrt((1 - x) * (1 + x)))

"""The angle, in radians between 0 and pi, whose cosine is x; NaN beyond -1 and 1.

    tanh(f32[N, 6]) -> acos
    acos(0.5 * sin(f64[N, 3]))
"""
fn acos(x) = 2 * atan(sqrt((1 - x) / (1 + x)))

"""The angle, in radians between -pi and pi, of the point at x and y; 0 at the origin.

    atan2(f32[N, 6], f32[N, 6])
    atan2(f64[N, 3], 2 * f64[3])
"""
fn atan2(y, x) = select(
  abs(y) > abs(x),
  sign(y) * (pi / 2) - atan(x / or_one(y)),
  atan(y / or_one(x)) -> (fn(angle) = select(x < 0, select(y < 0, angle - pi, angle + pi), angle)),
)

fn or_one(x) = select(x == 0, 1, x)

"""The hyperbolic sine: (exp(x) - exp(-x)) / 2, exact where x is small.

    f32[N, 6] -> sinh
    sinh(f64[N, 3])
"""
fn sinh(x) = 0.5 * (expm1(x) - expm1(-x))

"""The hyperbolic cosine: (exp(x) + exp(-x)) / 2.

    f32[N, 6] -> cosh
    cosh(f64[N, 3])
"""
fn cosh(x) = 0.5 * (exp(x) + exp(-x))

"""The inverse of `sinh`, exact where x is small and never too large to square.

    f32[N, 6] -> asinh
    asinh(100 * f32[N, 6])
    asinh(f64[N, 3])
"""
fn asinh(x) = select(x < 0, -positive_asinh(-x), positive_asinh(x))

fn positive_asinh(x) = log1p(x + x * (x / (1 + hypotenuse(x))))

# Of x and 1, without a square that overflows.
fn hypotenuse(x) = select(x > 1, x, 1) * sqrt(1 + select(x > 1, 1 / or_one(x), x) ** 2)

"""The inverse of `cosh`, from 1 on; NaN below.

    1.5 + tanh(f32[N, 6]) ** 2 -> acosh
    acosh(1 + f64[N, 3] ** 2)
"""
fn acosh(x) = log1p(x - 1 + sqrt(x - 1) * sqrt(x + 1))

"""The inverse of `tanh`, between -1 and 1; NaN beyond.

    tanh(f32[N, 6]) -> atanh
    atanh(0.5 * sin(f64[N, 3]))
"""
fn atanh(x) = 0.5 * (log1p(x) - log1p(-x))

"""The logarithm to the base 2; -inf at 0, NaN below.

    exp(f32[N, 6]) -> log2
    log2(exp(f64[N, 3]))
"""
fn log2(x) = log(x) / log(2)

"""The logarithm to the base 10; -inf at 0, NaN below.

    exp(f32[N, 6]) -> log10
    log10(exp(f64[N, 3]))
"""
fn log10(x) = log(x) / log(10)

"""2 to the power of x.

    f32[N, 6] -> exp2
    exp2(f64[N, 3])
"""
fn exp2(x) = 2 ** x

"""The whole number next to x on the way to 0; a float still.

    3 * f32[N, 6] -> trunc
    trunc(3 * f64[N, 3])
"""
fn trunc(x) = select(x < 0, ceil(x), floor(x))

"""Whether x is not a number, which alone is not equal to itself.

    log(f32[N, 6]) -> isnan
    isnan(log(f64[N, 3]))
"""
fn isnan(x) = x != x

"""Whether x is infinite, of either sign.

    1 / relu(f32[N, 6]) -> isinf
    isinf(-1 / relu(f64[N, 3]))
"""
fn isinf(x) = abs(x) == inf

"""Whether x is a number, and not infinite.

    log(relu(f32[N, 6])) -> isfinite
    isfinite(log(f64[N, 3]))
"""
fn isfinite(x) = abs(x) < inf
