package secretscan

import (
	"strings"
	"sync"
)

// chooseTriples decides for each literal by which three of its bytes it is looked for, and returns where in it those start. What costs is
// every place in a text where a pair of signs stands that is looked for, so literals share pairs: first the pairs are chosen, the ones that
// serve the most literals for their price, until each has one; then for each literal the place in it.
func chooseTriples(texts []string) []uint8 {
	c := &cover{literals: make([]literalSigns, len(texts))}
	for k, text := range texts {
		c.literals[k] = signsOf(text)
	}
	c.buy()
	c.sellDear()
	at := make([]uint8, len(texts))
	var seconds pairSet
	for round := range chooseRounds { // what is chosen last changes what is best for the first
		last := seconds
		if round > 0 {
			seconds = pairSet{}
		}
		for k := range c.literals {
			l := &c.literals[k]
			best := c.place(l, &last)
			at[k] = uint8(best)
			last.add(l.sign[best+1], l.sign[best+2])
			seconds.add(l.sign[best+1], l.sign[best+2])
		}
	}
	return at
}

// cover is a choice of pairs of signs of which each literal has one.
type cover struct {
	literals []literalSigns
	chosen   pairSet
}

// literalSigns is the signs of a literal's first bytes, as many as count.
type literalSigns struct {
	sign   [backMost + 4]byte
	common [backMost + 1]float64 // how often the bytes from here on stand in a million, as far as commonFours tells
	last   uint8                 // where the last three of its bytes start that may be chosen
	whole  uint8                 // the same for four
	may    uint16                // bit i: the three bytes may start at i
}

func signsOf(text string) (l literalSigns) {
	for i := range min(len(text), len(l.sign)) {
		l.sign[i] = signOf(text[i])
	}
	l.last = lastTriple(text)
	l.whole = uint8(max(0, min(len(text)-literalLeast-1, backMost)))
	for i := range l.last + 1 {
		l.common[i] = commonRates()[text[i:min(int(i)+literalLeast+1, len(text))]]
	}
	for limit := rareBelow; l.may == 0; limit *= 2 {
		for i := range l.last + 1 {
			if l.common[i] < limit {
				l.may |= 1 << i
			}
		}
	}
	return l
}

// commonRates returns how often the texts of commonFours, and their first three bytes, stand in a million bytes.
var commonRates = sync.OnceValue(func() map[string]float64 {
	rates := make(map[string]float64)
	for i, four := range strings.Fields(commonFours) {
		rate := 80.0
		if i < commonOften {
			rate = 500
		} else if i < commonLess {
			rate = 170
		}
		rates[four] = rate
		rates[four[:literalLeast]] += rate
	}
	return rates
})

// lastTriple returns where the last three bytes of a literal start that may be chosen: a fourth is to stand behind them, but one of four
// bytes would have no choice then.
func lastTriple(text string) uint8 {
	if n := len(text) - literalLeast; n > 1 {
		return uint8(min(n-1, backMost))
	}
	return uint8(len(text) - literalLeast)
}

func (l *literalSigns) pair(i int) int { return int(l.sign[i])<<signBits | int(l.sign[i+1]) }

// pairs calls visit for each of the literal's pairs that may be chosen, each once.
func (l *literalSigns) pairs(visit func(pair int)) {
	var seen pairSet
	for i := range int(l.last) + 1 {
		if l.may>>i&1 != 0 && !seen.has(l.sign[i], l.sign[i+1]) {
			seen.add(l.sign[i], l.sign[i+1])
			visit(l.pair(i))
		}
	}
}

// buy chooses pairs until each literal has one.
func (c *cover) buy() {
	var users [signs << signBits]int
	open := make([]*literalSigns, len(c.literals))
	for k := range c.literals {
		open[k] = &c.literals[k]
		open[k].pairs(func(pair int) { users[pair]++ })
	}
	for len(open) > 0 {
		best := 0
		for pair, n := range users {
			if n*costOfPair(best) > users[best]*costOfPair(pair) {
				best = pair
			}
		}
		c.chosen.add(byte(best>>signBits), byte(best&(signs-1)))
		rest := open[:0]
		for _, l := range open {
			if !c.has(l) {
				rest = append(rest, l)
				continue
			}
			l.pairs(func(pair int) { users[pair]-- })
		}
		open = rest
	}
}

// sellDear gives up pairs that those bought later made needless, the dearest first, and those for which cheaper ones can stand in.
func (c *cover) sellDear() {
	for cost := byte('z'); cost >= 'a'; cost-- {
		for pair := range signs << signBits {
			if a, b := byte(pair>>signBits), byte(pair&(signs-1)); pairsCommon[pair] == cost && c.chosen.has(a, b) {
				c.sell(pair)
			}
		}
	}
}

// sell gives up a pair if what has to be bought for it is cheaper.
func (c *cover) sell(pair int) {
	before := c.chosen
	c.chosen[pair>>signBits] &^= 1 << (pair & (signs - 1))
	spent := 0
	for k := range c.literals {
		l := &c.literals[k]
		if c.has(l) {
			continue
		}
		best, least := 0, costOfPair(pair)-spent
		l.pairs(func(p int) {
			if cost := costOfPair(p); p != pair && cost < least {
				best, least = p, cost
			}
		})
		if best == 0 {
			c.chosen = before
			return
		}
		spent += least
		c.chosen.add(byte(best>>signBits), byte(best&(signs-1)))
	}
}

// has reports whether one of a literal's pairs was chosen.
func (c *cover) has(l *literalSigns) bool {
	for i := range int(l.last) + 1 {
		if l.may>>i&1 != 0 && c.chosen.has(l.sign[i], l.sign[i+1]) {
			return true
		}
	}
	return false
}

// place returns where in a literal the three bytes start: at a pair that was chosen, where the four bytes are as rare as can be, and the
// second and the third are looked for anyway.
func (c *cover) place(l *literalSigns, seconds *pairSet) (best int) {
	least := -1.0
	for i := range int(l.last) + 1 {
		if !c.chosen.has(l.sign[i], l.sign[i+1]) {
			continue
		}
		cost := l.rate(i) * lookCost
		if !seconds.has(l.sign[i+1], l.sign[i+2]) {
			cost += float64(costOf(l.sign[i+1], l.sign[i+2])) * secondCost
		}
		if least < 0 || cost < least {
			best, least = i, cost
		}
	}
	return best
}

// rate guesses how often the signs of the three bytes from i on occur in a million bytes, and of a fourth if there is one.
func (l *literalSigns) rate(i int) float64 {
	rate := float64(costOf(l.sign[i], l.sign[i+1]))
	for k := i + 1; k < i+2 || k == i+2 && i <= int(l.whole); k++ {
		rate *= float64(costOf(l.sign[k], l.sign[k+1])) / signRate(l.sign[k])
	}
	return max(rate, l.common[i])
}

// signRate is costOf for one sign.
func signRate(sign byte) (rate float64) {
	for next := range byte(signs) {
		rate += float64(costOf(sign, next))
	}
	return rate
}

const (
	// backMost is how far into a literal the bytes may be by which it is looked for.
	backMost = 12
	// chooseRounds is how often the choice of places is gone over.
	chooseRounds = 4
	// rareBelow is how often in a million bytes a text may stand by which a literal is looked for, if it has another.
	rareBelow = 60.0
	// lookCost is what it costs to look up four bytes and compare, and secondCost to look further at a place because of its second pair, in
	// what it costs to look at one because of its first.
	lookCost, secondCost = 4, .1
	// commonFours are the fours of bytes in literals that stand in text most often, in that order: the first commonOften at least 250 times
	// in a million bytes, those up to commonLess at least 120 times, the others 60 times. It is the mean over the sources of Go, of Python's
	// library and of two other projects, C headers and documentation.
	commonOften, commonLess = 93, 265

	commonFours = "tion file type name test turn cons sion onst stri atio fine ---- port cont ment ring ctio trin ions erat comp " +
		"info with asse able vers ptio form ator chec heck stat inte pack ting ient open conf acka iter ckag rato user " +
		"nter time _con text ight lien data clie conn para inst char code pens late lass load ense chan comm ther onfi " +
		"_pat ence eck_ tera aram sign nfig opti get_ line nsta onte oint ange iles sing pars make arse lock poin ents " +
		"ourc equi sour urce ding base read emen cess cket ault faul serv defa efau flag ocke stru ings trib fere eren " +
		"tati truc ruct loca spec ontr tool est_ hell back alse renc erve else icat ion_ http node _com oper ello tabl " +
		"ecti ampl pena proc nder _str rese ctor umen ndex init othe istr cati anne _inf age_ tall .con pres stal rati " +
		"nnel hann ound rect arch ende ller acti even etti rate sett enti etho set_ ttin tent dire lags ent_ writ ing_ " +
		"ate_ irec tran scri sage ssio resp rans auth roce link mand ress ware essa word nten view itio tack tail oces " +
		"appl raph stac help tive grap ance iona plic stan over twar vent mode spac est. roll pass _tra essi addr stor " +
		"mess andl .com _pro .get _res ndle dent rite ssag ocal mber ubli trai stem qual ount rver alle yste work syst " +
		"pace peci publ ion( pdat rint ning here ifie prin iler ract ques rser _tes llba term uest trac oken crip endp " +
		"ript onne eral scal tore tatu nnec tter atus ture hang _mod nect coun toke nary bloc dpoi repo ndpo unde nstr " +
		"inar revi acce curr bina urre atte _sta ocat root rren blic pera _key stre lica have ompa cond ppli chem ake_ " +
		"ttps expo .org fset last assi host meta ize_ emov rypt cryp t_re trea nsig lity thon tial post s:// rams arge " +
		"ilit _ext pare aria tory orte tps: espa ream ward prot ps:/ _pre rant clos new_ gram ters elet ecif veri priv " +
		"gist _dat leas cces imeo erte erif enta thor ogra arti utho omet ypes entr sers algo shar igur redi .app bili " +
		"nteg figu e_co page ever reco spon espo eser ical hare ster thre omme _cha ific push edit niti umer urns pert " +
		"t_co lose ble_ rogr lues ivat onse key_ _use ared cifi diff org/ conv ter_ esen et_c uffe ente isti decl look " +
		"fore rify tor_ ocsp perm fied pons _app ode_ ntry nabl posi tree desc scop prod econ nges sent cope iden ping " +
		"ame_ evel hing lati mark tems docu basi riva egin _sig ext_ ult_ _sto tifi ntat once roto d_pa usio sess vate " +
		"subs ctiv _gen _def oduc ess_ rodu ntri nver asic earc onve rity atin pers igna sear gger ode. reca ter. int_ " +
		"warn then le_p tfor mpar chai"
)
