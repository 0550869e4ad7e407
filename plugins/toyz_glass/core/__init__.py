"""The numerical core: lenses, rules for their mass maps, and ensembles of such maps. It knows nothing of Toyz."""
