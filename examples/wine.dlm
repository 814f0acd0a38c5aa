"""Three cultivars told apart by a chemical analysis of their wine."""

model Wine(width = 32, classes = 3) {
  input features: f32[N, 13]
  x = features -> Dense(width) as hidden -> relu
  x = x -> Dense(width) as hidden_2 -> relu
  output logits: f32[N, classes] = x -> Dense(classes)
}

data wine {
  source = csv("data/wine.csv")
  features: f32[13] = standardize(columns(
    "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
    "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue",
    "od280_od315_of_diluted_wines", "proline",
  ))
  label:    i64     = column("cultivar")
  split  = random(train = 70%, validation = 15%, test = 15%, seed = 0)
}

train Wine on wine {
  loss      = cross_entropy(logits, label)
  metrics   = [accuracy(logits, label)]
  optimizer = adam(lr = 1e-3)
  epochs    = 40
  batch     = 16
}
