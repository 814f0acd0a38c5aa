"""What the backends that write Python share: a tree of it, a printer, an emitter."""
