package unpack

// streams reads where the packed streams are and what comes out of them.
func (p *sevenParser) streams(a *sevenArchive) {
	parted := false
	for !p.bad {
		switch p.byte() {
		case sevenEnd:
			if !parted {
				a.whole()
			}
			return
		case sevenPackInfo:
			p.packInfo(a)
		case sevenUnpackInfo:
			p.unpackInfo(a)
		case sevenSubStreams:
			p.subStreams(a)
			parted = true
		default:
			p.bad = true
		}
	}
}

func (p *sevenParser) packInfo(a *sevenArchive) {
	a.packStart = p.number()
	n := p.count()
	for !p.bad {
		switch p.byte() {
		case sevenEnd:
			return
		case sevenSize:
			at := int64(0)
			for range n {
				size := p.number()
				a.packed, a.starts = append(a.packed, size), append(a.starts, at)
				if at += size; at < 0 {
					p.bad = true
					return
				}
			}
		case sevenCRC:
			p.sums(n)
		default:
			p.bad = true
		}
	}
}

func (p *sevenParser) unpackInfo(a *sevenArchive) {
	for !p.bad {
		switch p.byte() {
		case sevenEnd:
			return
		case sevenFolders:
			n := p.count()
			if p.byte() != 0 { // they are elsewhere: no program writes that
				p.bad = true
			}
			for i := 0; i < n && !p.bad; i++ {
				a.folders = append(a.folders, p.folder())
			}
		case sevenUnpackSize:
			for i := range a.folders {
				for range a.folders[i].outs() {
					a.folders[i].sizes = append(a.folders[i].sizes, p.number())
				}
			}
		case sevenCRC:
			have, sums := p.sums(len(a.folders))
			for i := range have {
				a.folders[i].summed, a.folders[i].sum = have[i], sums[i]
			}
		default:
			p.bad = true
		}
	}
}

func (f *sevenFolder) outs() (n int) {
	for _, c := range f.coders {
		n += c.outs
	}
	return n
}

// folder reads how a folder is packed.
func (p *sevenParser) folder() (f sevenFolder) {
	const most = 32 // 7-Zip's own limit
	n := p.count()
	ins, outs := 0, 0
	if n < 1 || n > most {
		p.bad = true
	}
	for i := 0; i < n && !p.bad; i++ {
		flags := p.byte()
		c := sevenCoder{id: string(p.take(int(flags & 0x0f))), ins: 1, outs: 1, firstIn: ins}
		if flags&0x10 != 0 {
			c.ins, c.outs = p.count(), p.count()
		}
		if flags&0x20 != 0 {
			c.props = p.take(p.count())
		}
		if c.ins > most || c.outs != 1 || flags&0x80 != 0 {
			p.bad = true
		}
		ins, outs = ins+c.ins, outs+c.outs
		f.coders = append(f.coders, c)
	}
	for i := 0; i < outs-1 && !p.bad; i++ {
		f.binds = append(f.binds, [2]int{int(p.number()), int(p.number())})
	}
	switch packed := ins - (outs - 1); {
	case packed == 1:
		f.inputs = []int{f.freeInput(ins)}
	default:
		for i := 0; i < packed && !p.bad; i++ {
			f.inputs = append(f.inputs, int(p.number()))
		}
	}
	return f
}

// freeInput returns the input that no output goes into.
func (f *sevenFolder) freeInput(ins int) int {
	for in := range ins {
		bound := false
		for _, b := range f.binds {
			bound = bound || b[0] == in
		}
		if !bound {
			return in
		}
	}
	return 0
}

// whole makes each folder one member.
func (a *sevenArchive) whole() {
	for i := range a.folders {
		f := &a.folders[i]
		f.members = []sevenMember{{size: f.size(), sum: f.sum, summed: f.summed}}
	}
}

// subStreams reads how the folders' streams are cut into members.
func (p *sevenParser) subStreams(a *sevenArchive) {
	a.whole()
	id := p.byte()
	if id == sevenNumStreams {
		total := 0
		for i := range a.folders {
			f, n := &a.folders[i], p.count()
			if total += n; total > p.most {
				p.bad = true
			}
			if n != 1 && !p.bad {
				f.members = make([]sevenMember, n)
			}
		}
		id = p.byte()
	}
	if id == sevenSize {
		for i := range a.folders {
			p.parts(&a.folders[i])
		}
		id = p.byte()
	}
	if id == sevenCRC {
		var unknown []*sevenMember
		for i := range a.folders {
			f := &a.folders[i]
			for k := range f.members {
				if m := &f.members[k]; !m.summed {
					unknown = append(unknown, m)
				}
			}
		}
		have, sums := p.sums(len(unknown))
		for i := range have {
			unknown[i].summed, unknown[i].sum = have[i], sums[i]
		}
		id = p.byte()
	}
	p.bad = p.bad || id != sevenEnd
}

// parts reads the sizes of a folder's members; the last one has the rest.
func (p *sevenParser) parts(f *sevenFolder) {
	left := f.size()
	for k := range f.members {
		if k < len(f.members)-1 {
			f.members[k].size = p.number()
		} else {
			f.members[k].size = left
		}
		if left -= f.members[k].size; left < 0 {
			p.bad = true
		}
	}
}
