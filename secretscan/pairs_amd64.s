#include "textflag.h"

// The fields of widePairs.
#define ROWS  0
#define PUNCT 256
#define DIGIT 288
#define BIT   320
#define FOLD  352
#define BELOW 384
#define LOW   416
#define FAR   448

// func findPairs(masks *uint32, data *byte, blocks int, before byte, tables *widePairs)
//
// Y0 to Y7 hold the rows, Y11 the signs of the block before.
TEXT ·findPairs(SB), NOSPLIT, $0-40
	MOVQ    masks+0(FP), DI
	MOVQ    data+8(FP), SI
	MOVQ    blocks+16(FP), CX
	MOVBLZX before+24(FP), AX
	MOVQ    tables+32(FP), DX
	VMOVD   AX, X11
	VPBROADCASTB X11, Y11
	VMOVDQU (ROWS+0)(DX), Y0
	VMOVDQU (ROWS+32)(DX), Y1
	VMOVDQU (ROWS+64)(DX), Y2
	VMOVDQU (ROWS+96)(DX), Y3
	VMOVDQU (ROWS+128)(DX), Y4
	VMOVDQU (ROWS+160)(DX), Y5
	VMOVDQU (ROWS+192)(DX), Y6
	VMOVDQU (ROWS+224)(DX), Y7

block:
	// The signs of 32 bytes: from 0x60 their low five bits, of 0x20 to 0x3f by the two tables. Folding leaves no other bytes
	// below 0x80. Those from 0x80 have their top bit set, by which VPBLENDVB goes.
	VMOVDQU   (SI), Y12
	VPOR      FOLD(DX), Y12, Y12
	VMOVDQU   PUNCT(DX), Y13
	VMOVDQU   DIGIT(DX), Y14
	VPSHUFB   Y12, Y13, Y13
	VPSHUFB   Y12, Y14, Y14
	VPSLLW    $3, Y12, Y15
	VPBLENDVB Y15, Y14, Y13, Y13
	VPCMPGTB  BELOW(DX), Y12, Y14
	VPAND     LOW(DX), Y12, Y15
	VPBLENDVB Y14, Y15, Y13, Y13
	VMOVDQU   FAR(DX), Y15
	VPBLENDVB Y12, Y15, Y13, Y12

	// Each byte's neighbour to the left.
	VPERM2I128 $0x21, Y12, Y11, Y13
	VPALIGNR   $15, Y13, Y12, Y13
	VMOVDQA    Y12, Y11

	// The rows of those, eight bits at a time.
	VPSLLW    $3, Y13, Y14
	VPSHUFB   Y13, Y0, Y8
	VPSHUFB   Y13, Y1, Y9
	VPBLENDVB Y14, Y9, Y8, Y8
	VPSHUFB   Y13, Y2, Y9
	VPSHUFB   Y13, Y3, Y10
	VPBLENDVB Y14, Y10, Y9, Y9
	VPSHUFB   Y13, Y4, Y10
	VPSHUFB   Y13, Y5, Y12
	VPBLENDVB Y14, Y12, Y10, Y10
	VPSHUFB   Y13, Y6, Y12
	VPSHUFB   Y13, Y7, Y15
	VPBLENDVB Y14, Y15, Y12, Y12

	// The eight bits in which that of the right neighbour is.
	VPSLLW    $4, Y11, Y13
	VPSLLW    $3, Y11, Y14
	VPBLENDVB Y13, Y9, Y8, Y8
	VPBLENDVB Y13, Y12, Y10, Y10
	VPBLENDVB Y14, Y10, Y8, Y8

	// Its bit.
	VMOVDQU   BIT(DX), Y9
	VPSHUFB   Y11, Y9, Y9
	VPAND     Y9, Y8, Y8
	VPCMPEQB  Y9, Y8, Y8
	VPMOVMSKB Y8, AX
	MOVL      AX, (DI)

	ADDQ $32, SI
	ADDQ $4, DI
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET
