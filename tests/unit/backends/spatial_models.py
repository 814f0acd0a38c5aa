"""Models of the spatial part of the library, for the tests of every target."""

IMAGE = "f32[N, 4, 9, 11]"


def layer(pipeline: str, type_: str = IMAGE) -> str:
    return f"model Test {{ input x: {type_}\n output y = x -> {pipeline} }}"


SPATIAL = {
    "conv_transpose": layer("ConvTranspose(6, 2, stride = 2)"),
    "conv_transpose unet": layer(
        "ConvTranspose(6, 2, stride = 2) -> relu -> ConvTranspose(3, 2, stride = 2)",
        "f32[N, 4, H, W]",
    ),
    "conv_transpose gan": layer(
        "ConvTranspose(6, 4, stride = 2, padding = 1, bias = false)", "f32[N, 4, H, W]"
    ),
    "conv_transpose longer": layer(
        "ConvTranspose(6, 3, stride = 2, padding = 1, output_padding = 1)"
    ),
    "conv_transpose same": layer('ConvTranspose(6, 3, stride = 2, padding = "same")'),
    "conv_transpose with gaps": layer("ConvTranspose(6, 2, stride = 3)"),
    "conv_transpose lopsided": layer(
        "ConvTranspose(6, [3, 2], stride = [2, 1], padding = [[0, 2], [1, 0]])"
    ),
    "conv_transpose groups": layer(
        "ConvTranspose(6, 3, stride = 2, padding = 1, groups = 2)"
    ),
    "conv_transpose dilated": layer("ConvTranspose(6, 3, padding = 1, dilation = 2)"),
    "conv_transpose dilated, strided": layer(
        "ConvTranspose(6, 3, stride = 2, dilation = 2, output_padding = 1)"
    ),
    "conv_transpose dilated, longer": layer(
        "ConvTranspose(6, 3, dilation = 2, output_padding = 1)"
    ),
    "conv_transpose of a symbolic rest": """
    model Test {
      input x: f32[N, 3, H, W]
      param weight: f32[4, 3, 3, 3] = glorot_uniform()
      y = conv(x, weight, stride = 2, padding = [1, [0, 1]])
      output conv_transpose(y, weight, stride = 2, padding = [1, [0, 1]],
        output_padding = [(H + 1) % 2, W % 2])
    }
    """,
    "conv_transpose 1d": layer("ConvTranspose(6, 3, stride = 2)", "f32[N, 4, 9]"),
    "conv_transpose 3d": layer(
        "ConvTranspose(2, 2, stride = 2, padding = [[0, 0], [1, 0], [0, 1]])",
        "f32[N, 2, 4, 3, 5]",
    ),
    "conv_transpose init": layer(
        "ConvTranspose(12, 3, stride = 2, init = he_uniform(a = 0.1))"
    ),
    "grouped": layer("Conv(6, 3, groups = 2, padding = 1)"),
    "grouped of two ranks": """
    model Test {
      input x: f32[N, 4, 9, 11]
      input t: f32[N, 4, 9]
      output a = x -> Conv(6, 3, groups = 2, stride = [1, 2]) -> Conv(9, 1, groups = 3)
      output b = t -> Conv(4, 3, groups = 4, stride = 2, bias = false) -> Dropout(0.0)
    }
    """,
    "grouped 3d": layer("Conv(4, 2, groups = 4)", "f32[N, 4, 4, 3, 5]"),
    "depthwise": layer("DepthwiseConv(3, 2, stride = 2, padding = 1)"),
    "depthwise same": layer('DepthwiseConv([3, 2], padding = "same", bias = false)'),
    "depthwise uneven": layer("DepthwiseConv(3, stride = [1, 2])"),
    "depthwise dilated": layer("DepthwiseConv(2, 3, dilation = 2, stride = 2)"),
    "depthwise 1d": layer("DepthwiseConv(3, 2, padding = 1)", "f32[N, 4, T]"),
    "depthwise 3d": layer("DepthwiseConv(2, 2)", "f32[N, 2, 4, 3, 5]"),
    "depthwise of one channel": layer("DepthwiseConv(3, 4)", "f32[N, 1, 9, 11]"),
    "separable": layer(
        "SeparableConv(6, 3, padding = 1) -> relu -> SeparableConv(5, 3)"
    ),
    "conv same, strided": layer('Conv(6, 3, stride = 2, padding = "same")'),
    "max_pool same": layer('max_pool(3, stride = 2, padding = "same")'),
    "same of symbolic sizes": """
    model Test {
      input x: f32[N, 4, H, W]
      y = x -> Conv(6, 3, stride = 2, padding = "same") -> relu
      output a = y -> Conv(2, 1, stride = 2, padding = "same", bias = false)
      output b = x -> DepthwiseConv([3, 4], stride = 2, padding = "same")
      output c = -1 - abs(x) -> max_pool([3, 4], stride = 2, padding = "same")
      output d = x -> avg_pool(3, stride = [1, 3], padding = "same")
      output e = x -> avg_pool(2, padding = "same", count_padding = true)
    }
    """,
    "max_pool of negative numbers": """
    model Test {
      input x: f32[N, 4, 9, 11]
      y = -1 - abs(x)
      output a = max_pool(y, 3, stride = 2, padding = 1)
      output b = max_pool(y, 2, padding = [[0, 1], [0, 1]])
      output c = max_pool(y, [3, 2], stride = 1, padding = "same")
    }
    """,
    "avg_pool same": layer('avg_pool(3, stride = 2, padding = "same")'),
    "global pools": """
    model Test {
      input x: f32[N, 3, H, W]
      input t: f32[N, 3, T]
      y = x -> Conv(4, 3)
      output a = y -> global_avg_pool
      output b = y -> global_max_pool(keep = true)
      output c = t -> global_max_pool -> Dense(2)
    }
    """,
    "adaptive_avg_pool": layer("adaptive_avg_pool([4, 5])"),
    "adaptive_avg_pool to one": layer("Conv(3, 1) -> adaptive_avg_pool(1) -> flatten"),
    "adaptive_avg_pool even": layer("adaptive_avg_pool([3, 11])"),
    "adaptive_avg_pool 1d": layer("adaptive_avg_pool(4)", "f32[N, 4, T]"),
    "adaptive_avg_pool 3d": layer("adaptive_avg_pool(2)", "f32[N, 2, 4, 3, 5]"),
    "resize by 2": layer("Conv(3, 1) -> resize(2) -> Conv(2, 1)", "f32[N, 4, H, W]"),
    "resize by lists": layer("resize([2, 3])"),
    "resize nearest": layer("resize(size = [5, 17])"),
    "resize nearest, on ties": layer("resize(size = 61)", "f32[N, 2, 2]"),
    "resize of integers": """
    model Test {
      input x: i32[N, 2, 9, 11]
      param scale: f32[1] = ones()
      output scale * cast(resize(x, size = [5, 17]), f32)
    }
    """,
    "resize bilinear": layer('resize(size = [5, 17], method = "bilinear")'),
    "resize bilinear by 2": layer('resize(2, method = "bilinear")', "f32[N, 4, H, W]"),
    "resize by a half": layer('resize(0.5, method = "bilinear")'),
    "resize bicubic": layer('resize(size = [5, 17], method = "bicubic")'),
    "resize bicubic, of Keys": layer('resize(2, method = "bicubic", a = -0.5)'),
    "resize 1d": layer('resize(size = 14, method = "bilinear")', "f32[N, 4, 9]"),
    "resize 3d": layer('resize(2, method = "bilinear")', "f32[N, 2, 4, 3, 5]"),
    "resize 3d nearest": layer("resize(size = [5, 6, 3])", "f32[N, 2, 4, 3, 5]"),
    "resize f64": layer(
        'resize(size = [5, 17], method = "bilinear")', "f64[N, 2, 9, 11]"
    ),
    "resize to another image": """
    model Test {
      input small: f32[N, 3, 4, 5]
      input large: f32[N, 3, H, W]
      a = small -> Conv(4, 3, padding = 1)
      b = large -> Conv(4, 3, padding = 1)
      output resize(a, size = b.shape[2:], method = "bilinear") + b
    }
    """,
    "reflect_pad": layer("reflect_pad(2) -> Conv(3, 5)", "f32[N, 4, H, W]"),
    "reflect_pad lopsided": layer("reflect_pad([[1, 0], [3, 2]])"),
    "reflect_pad 1d": layer("reflect_pad(3)", "f32[N, 4, T]"),
    "replicate_pad": layer("replicate_pad([1, [0, 4]])"),
    "replicate_pad 3d": layer("replicate_pad(1)", "f32[N, 2, 4, 3, 5]"),
    "pixel_shuffle": layer(
        "Conv(12, 3, padding = 1) -> pixel_shuffle(2) -> Conv(2, 3)", "f32[N, 4, H, W]"
    ),
    "pixel_unshuffle": layer("pixel_unshuffle(3) -> Conv(2, 1)", "f32[N, 2, 9, 6]"),
    "unet": """
    block Twice(width) {
      input x: f32[N, C, H, W]
      output x -> Conv(width, 3, padding = 1) -> relu -> Conv(width, 3, padding = 1)
    }
    block Up(width) {
      input x: f32[N, C, H, W]
      input skip: f32[N, D, H2, W2]
      y = x -> ConvTranspose(width, 2, stride = 2)
      y = resize(y, size = skip.shape[2:], method = "bilinear")
      output concat(y, skip, axis = 1) -> Twice(width)
    }
    model Test(width = 4) {
      input image: f32[N, 3, H, W]
      a = image -> Twice(width)
      b = a -> max_pool(2) -> Twice(2 * width)
      c = b -> SeparableConv(2 * width, 3, stride = 2, padding = "same") -> resize(2)
      x = Up(2 * width)(c, b)
      output Up(width)(x, a) -> Conv(2, 1)
    }
    """,
}
