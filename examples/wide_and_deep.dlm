"""Wide and deep learning (Cheng et al., 2016): a linear model of all measurements beside a
deep one of embedded categories, trained together."""

model WideAndDeep(levels = 4, classes = 3) {
  input measures: f32[N, 13]
  input color:    i64[N]
  input strength: i64[N]
  wide = measures -> Dense(classes) as wide
  deep = concat(
    color -> Embedding(levels, 8) as color_embedding,
    strength -> Embedding(levels, 8) as strength_embedding,
    axis = 1,
  )
  deep = deep -> Dense(32) as hidden -> relu -> Dense(classes) as deep
  output logits: f32[N, classes] = wide + deep
}

data wine {
  source = csv("data/wine.csv")
  measures: f32[13] = standardize(columns(
    "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
    "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue",
    "od280_od315_of_diluted_wines", "proline",
  ))
  color:    i64     = cast(minimum(floor(column("color_intensity", dtype = f32) / 3), 3), i64)
  strength: i64     = cast(minimum(floor(maximum(column("alcohol", dtype = f32) - 11, 0)), 3), i64)
  label:    i64     = column("cultivar")
  split  = random(train = 70%, validation = 15%, test = 15%, seed = 0)
}

train WideAndDeep on wine {
  loss      = cross_entropy(logits, label)
  metrics   = [accuracy(logits, label)]
  optimizer = adam(lr = 3e-3)
  epochs    = 40
  batch     = 16
}
