#include "textflag.h"

// What the 32 bytes in a are: in mark the bytes at which an escape may start, in word letters and digits, both inverted. b has the bytes one
// place further on. A byte from 0x80 gives 0 where it is the index of VPSHUFB, and the tables have 0 for its high half.
#define LOOK(a, b, t, mark, word) \
	VPSHUFB   a, Y0, t     \
	VPSHUFB   a, Y4, word  \
	VPSRLW    $4, a, a     \
	VPAND     Y6, a, a     \
	VPSHUFB   a, Y1, mark  \
	VPSHUFB   a, Y5, a     \
	VPAND     t, mark, mark \
	VPAND     a, word, word \
	VPSHUFB   b, Y2, t     \
	VPSRLW    $4, b, b     \
	VPAND     Y6, b, b     \
	VPSHUFB   b, Y3, b     \
	VPAND     t, mark, mark \
	VPAND     b, mark, mark \
	VPCMPEQB  Y7, mark, mark \
	VPCMPEQB  Y7, word, word

// func gate(masks *gateMask, data *byte, blocks int, tables *gateTables)
//
// Y0 to Y5 hold the tables, of low and of high halves, Y6 fifteens and Y7 zeros.
TEXT ·gate(SB), NOSPLIT, $0-32
	MOVQ masks+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ tables+24(FP), AX
	VBROADCASTI128 (AX), Y0
	VBROADCASTI128 16(AX), Y1
	VBROADCASTI128 32(AX), Y2
	VBROADCASTI128 48(AX), Y3
	VBROADCASTI128 64(AX), Y4
	VBROADCASTI128 80(AX), Y5
	MOVL $0x0f, AX
	VMOVD AX, X6
	VPBROADCASTB X6, Y6
	VPXOR Y7, Y7, Y7

block:
	VMOVDQU (SI), Y8
	VMOVDQU 1(SI), Y9
	LOOK(Y8, Y9, Y10, Y11, Y12)
	VPMOVMSKB Y11, AX
	VPMOVMSKB Y12, BX
	VMOVDQU 32(SI), Y8
	VMOVDQU 33(SI), Y9
	LOOK(Y8, Y9, Y10, Y11, Y12)
	VPMOVMSKB Y11, DX
	VPMOVMSKB Y12, R8
	SHLQ    $32, DX
	SHLQ    $32, R8
	ORQ     DX, AX
	ORQ     R8, BX
	NOTQ    AX
	NOTQ    BX
	MOVQ    AX, (DI)
	MOVQ    BX, 8(DI)
	ADDQ    $64, SI
	ADDQ    $16, DI
	DECQ    CX
	JNZ     block
	VZEROUPPER
	RET
