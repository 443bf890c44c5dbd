// SPDX-License-Identifier: MIT
// Floating point and SIMD. Only operations that IEEE 754 or the SDM define to the last bit, so that results can be compared.
#include <emmintrin.h>
#include <stddef.h>
#include <string.h>

#include "bench.h"

static u64 bits(double value)
{
	u64 result;

	memcpy(&result, &value, sizeof(result));
	return result;
}

// Scalar double: five bodies under gravity, with square roots and divisions.
static u64 scalar_double(u64 rounds)
{
	enum { bodies = 5 };
	double at[bodies][3], speed[bodies][3], mass[bodies];

	for (int i = 0; i < bodies; i++) {
		mass[i] = 1.0 / (i + 1);
		for (int k = 0; k < 3; k++) {
			at[i][k] = (i * 3 + k * 5) % 7 + 0.25 * i;
			speed[i][k] = 0.01 * ((i + k) % 3 - 1);
		}
	}
	while (rounds--) {
		for (int i = 0; i < bodies; i++)
			for (int j = i + 1; j < bodies; j++) {
				double gap[3], square = 0.01;

				for (int k = 0; k < 3; k++) {
					gap[k] = at[i][k] - at[j][k];
					square += gap[k] * gap[k];
				}
				double pull = 0.001 / (square * __builtin_sqrt(square));

				for (int k = 0; k < 3; k++) {
					speed[i][k] -= gap[k] * mass[j] * pull;
					speed[j][k] += gap[k] * mass[i] * pull;
				}
			}
		for (int i = 0; i < bodies; i++)
			for (int k = 0; k < 3; k++)
				at[i][k] += 0.001 * speed[i][k];
	}
	return bits(at[0][0]) ^ bits(at[4][2]);
}

// Packed float: a recurrence over four KiB that stays in range and never settles.
static u64 packed_float(u64 rounds)
{
	enum { length = 1024 };
	static float data[length] __attribute__((aligned(16)));
	__m128 sum = _mm_setzero_ps(), half = _mm_set1_ps(0.5f), one = _mm_set1_ps(1.25f), step = _mm_set_ps(0.001f, 0.002f, 0.003f, 0.004f);
	u32 words[4];

	for (int i = 0; i < length; i++)
		data[i] = (float)(i % 17) * 0.125f;
	while (rounds--) {
		for (int i = 0; i < length; i += 4) {
			__m128 value = _mm_load_ps(data + i);

			value = _mm_add_ps(_mm_mul_ps(value, half), one);
			sum = _mm_max_ps(_mm_sub_ps(value, half), _mm_mul_ps(sum, half));
			_mm_store_ps(data + i, value);
		}
		one = _mm_add_ps(one, step);
		step = _mm_sub_ps(_mm_setzero_ps(), step);
		step = _mm_mul_ps(step, _mm_set1_ps(0.9999f));
	}
	_mm_storeu_si128((__m128i *)words, _mm_castps_si128(sum));
	return words[0] * 3ul + words[1] * 5ul + words[2] * 7ul + words[3] * 11ul;
}

// x87: a continued fraction and square roots in 80 bits.
static u64 x87(u64 rounds)
{
	long double value = 1.5L, sum = 0;

	for (u64 i = 1; i <= rounds; i++) {
		value = 1 + (long double)i / (value + 2);
		long double root = value;

		__asm__("fsqrt" : "+t"(root));
		sum = sum * 0.5L + root;
	}
	return bits((double)sum) ^ bits((double)value);
}

// Packed integers: bytes, words and doublewords of SSE2.
static u64 packed_integer(u64 rounds)
{
	enum { length = 256 };
	static __m128i data[length];
	__m128i sum = _mm_setzero_si128();
	u64 words[2];

	for (u32 i = 0; i < length; i++)
		data[i] = _mm_set_epi32(i * 2654435761u, i * 40503u, ~i, i);
	while (rounds--)
		for (u32 i = 0; i < length; i++) {
			__m128i value = data[i];

			sum = _mm_add_epi8(sum, _mm_xor_si128(value, _mm_slli_epi32(sum, 3)));
			sum = _mm_sub_epi16(sum, _mm_mullo_epi16(value, _mm_srli_epi16(sum, 5)));
			sum = _mm_add_epi32(_mm_shuffle_epi32(sum, 0x39), _mm_unpacklo_epi8(value, sum));
			sum = _mm_or_si128(_mm_and_si128(sum, value), _mm_andnot_si128(value, sum));
		}
	_mm_storeu_si128((__m128i *)words, sum);
	return words[0] ^ words[1];
}

const struct item float_items[] = {
	{ "scalar_double", 200000, NULL, scalar_double },
	{ "packed_float", 20000, NULL, packed_float },
	{ "x87", 2000000, NULL, x87 },
	{ "packed_integer", 30000, NULL, packed_integer },
	{ 0 },
};
