"""HTTP handlers, one noun a module: they translate, and hold no logic of their own."""
