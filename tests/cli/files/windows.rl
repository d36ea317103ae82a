dim D = 2
	const a = D +
		b