//! Counter-based noise. In: (seed, stream, step, element). Out: the same integers everywhere.
