#include "textflag.h"

// func gate(masks *uint32, data *byte, blocks int, first, second *halves)
//
// Y0 and Y1 hold the tables of the first byte, Y2 and Y3 those of the second, Y4 fifteens, Y5 the bits of letters and digits, and Y6
// zeros. A byte from 0x80 gives 0 where it is the index of VPSHUFB, and the tables have 0 for its high half.
TEXT ·gate(SB), NOSPLIT, $0-40
	MOVQ masks+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ first+24(FP), AX
	MOVQ second+32(FP), DX
	VBROADCASTI128 (AX), Y0
	VBROADCASTI128 16(AX), Y1
	VBROADCASTI128 (DX), Y2
	VBROADCASTI128 16(DX), Y3
	MOVL $0x0f, AX
	VMOVD AX, X4
	VPBROADCASTB X4, Y4
	MOVL $0xc0, AX
	VMOVD AX, X5
	VPBROADCASTB X5, Y5
	VPXOR Y6, Y6, Y6

block:
	VMOVDQU (SI), Y7
	VMOVDQU 1(SI), Y8
	VPSHUFB Y7, Y0, Y9
	VPSRLW  $4, Y7, Y7
	VPAND   Y4, Y7, Y7
	VPSHUFB Y7, Y1, Y7
	VPAND   Y9, Y7, Y7      // what the first byte is
	VPSHUFB Y8, Y2, Y9
	VPSRLW  $4, Y8, Y8
	VPAND   Y4, Y8, Y8
	VPSHUFB Y8, Y3, Y8
	VPAND   Y9, Y8, Y8
	VPAND   Y7, Y8, Y8      // and what it asks for follows
	VPAND   Y5, Y7, Y7
	VPCMPEQB Y6, Y7, Y7
	VPCMPEQQ Y6, Y7, Y7     // groups of eight letters and digits
	VPOR    Y7, Y8, Y7
	VPCMPEQB Y6, Y7, Y7
	VPMOVMSKB Y7, AX
	NOTL    AX
	MOVL    AX, (DI)
	ADDQ    $32, SI
	ADDQ    $4, DI
	DECQ    CX
	JNZ     block
	VZEROUPPER
	RET
