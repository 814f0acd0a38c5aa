"""Pictures of models: what flows where, as SVG and as a page that folds."""
