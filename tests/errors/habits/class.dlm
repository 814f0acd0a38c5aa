class M(nn.Module):
  def forward(self, x):
    return x
