data flowers {
  source = parquet("../flowers.parquet")
  height: f32
}
