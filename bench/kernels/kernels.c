// SPDX-License-Identifier: MIT
// Compute kernels without any library: the same flat binary runs on the host, in our engines and, inside a guest, anywhere else.
// Entry: rdi = kernel number, rsi = rounds; the result comes back in rax. See ComputeKernels.cs.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#define SCRATCH_WORDS (1u << 19) // 2 MiB
static u32 scratch[SCRATCH_WORDS];

static u32 next_random(u32 *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static u64 sieve(void)
{
	enum { limit = 200000 };
	u8 *composite = (u8 *)scratch;
	u64 primes = 0;

	for (u32 i = 0; i < limit; i++)
		composite[i] = 0;
	for (u32 i = 2; i < limit; i++) {
		if (composite[i])
			continue;
		primes++;
		for (u32 j = 2 * i; j < limit; j += i)
			composite[j] = 1;
	}
	return primes;
}

static u64 crc32(void)
{
	static u32 table[256];
	u32 crc = ~0u;

	for (u32 i = 0; i < 256; i++) {
		u32 c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
		table[i] = c;
	}
	for (u32 i = 0; i < 400000; i++)
		crc = table[(crc ^ (i * 7)) & 255] ^ (crc >> 8);
	return ~crc;
}

static void quick(u32 *a, long lo, long hi)
{
	while (lo < hi) {
		u32 pivot = a[(lo + hi) >> 1];
		long i = lo, j = hi;

		while (i <= j) {
			while (a[i] < pivot)
				i++;
			while (a[j] > pivot)
				j--;
			if (i <= j) {
				u32 t = a[i];

				a[i++] = a[j];
				a[j--] = t;
			}
		}
		quick(a, lo, j);
		lo = i;
	}
}

static u64 quicksort(void)
{
	u32 seed = 1;

	for (u32 i = 0; i < 40000; i++)
		scratch[i] = next_random(&seed);
	quick(scratch, 0, 39999);
	return scratch[20000];
}

static u32 ror(u32 x, int n)
{
	return (x >> n) | (x << (32 - n));
}

static u64 sha256(void)
{
	static u32 k[64];
	u32 h[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	u32 seed = 7;

	for (int i = 0; i < 64; i++)
		k[i] = next_random(&seed) * 31;
	for (int block = 0; block < 800; block++) {
		u32 w[64], s[8];

		for (int i = 0; i < 16; i++)
			w[i] = block * 16 + i;
		for (int i = 16; i < 64; i++) {
			u32 a = w[i - 15], b = w[i - 2];

			w[i] = w[i - 16] + w[i - 7] + (ror(a, 7) ^ ror(a, 18) ^ (a >> 3)) + (ror(b, 17) ^ ror(b, 19) ^ (b >> 10));
		}
		for (int i = 0; i < 8; i++)
			s[i] = h[i];
		for (int i = 0; i < 64; i++) {
			u32 t1 = s[7] + (ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
			u32 t2 = (ror(s[0], 2) ^ ror(s[0], 13) ^ ror(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

			for (int j = 7; j > 0; j--)
				s[j] = s[j - 1];
			s[4] += t1;
			s[0] = t1 + t2;
		}
		for (int i = 0; i < 8; i++)
			h[i] += s[i];
	}
	return h[0];
}

struct record {
	struct record *next;
	u32 kind, value;
	char name[24];
};

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static u64 records(void)
{
	struct record *r = (struct record *)scratch;
	u64 sum = 0;

	for (u32 i = 0; i < 512; i++) {
		r[i].next = &r[(i * 37 + 11) & 511];
		r[i].kind = i % 5;
		r[i].value = i;
		for (int c = 0; c < 23; c++)
			r[i].name[c] = 'a' + (char)((c + (c == 22 ? i : 0)) % 26);
		r[i].name[23] = 0;
	}
	for (u32 round = 0; round < 60; round++) {
		struct record *p = r;

		for (u32 i = 0; i < 512; i++, p = p->next) {
			switch (p->kind) {
			case 0: sum += p->value; break;
			case 1: sum ^= p->value * 3; break;
			case 2: sum += same(p->name, p->next->name); break;
			case 3: p->value++; break;
			default: sum -= p->next->value; break;
			}
		}
	}
	return sum;
}

static u64 hash_walk(void)
{
	u32 seed = 3, at = 0;
	u64 sum = 0;

	for (u32 i = 0; i < SCRATCH_WORDS; i += 16)
		scratch[i] = next_random(&seed);
	for (u32 i = 0; i < 200000; i++) {
		at = (scratch[at & (SCRATCH_WORDS - 16) & ~15u] + i * 2654435761u) >> 3;
		sum += at;
	}
	return sum;
}

static u64 bytecode(void)
{
	static const u8 program[] = { 0, 1, 2, 3, 4, 0, 2, 5, 1, 6, 3, 7 };
	u64 a = 1, b = 2;

	for (u32 i = 0, pc = 0; i < 500000; i++, pc = pc == sizeof(program) - 1 ? 0 : pc + 1) {
		switch (program[pc]) {
		case 0: a += b; break;
		case 1: b ^= a >> 3; break;
		case 2: a = a * 5 + 1; break;
		case 3: b -= a; break;
		case 4: a = (a << 7) | (a >> 57); break;
		case 5: if (a & 1) b++; break;
		case 6: a &= ~b; break;
		default: a |= i; break;
		}
	}
	return a ^ b;
}

__attribute__((noinline)) static u64 fibonacci(u32 n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static u64 fib(void)
{
	return fibonacci(25);
}

static int below(u32 a, u32 b)
{
	return a < b;
}

static u64 heapsort(void)
{
	int (*volatile compare)(u32, u32) = below;
	int (*less)(u32, u32) = compare;
	enum { n = 20000 };
	u32 seed = 9;

	for (u32 i = 0; i < n; i++)
		scratch[i] = next_random(&seed);
	for (long start = n / 2 - 1, end = n - 1; end > 0;) {
		long root;

		if (start >= 0) {
			root = start--;
		} else {
			u32 t = scratch[end];

			scratch[end--] = scratch[0];
			scratch[0] = t;
			root = 0;
		}
		for (long child; (child = 2 * root + 1) <= end; root = child) {
			if (child < end && less(scratch[child], scratch[child + 1]))
				child++;
			if (!less(scratch[root], scratch[child]))
				break;
			u32 t = scratch[root];

			scratch[root] = scratch[child];
			scratch[child] = t;
		}
	}
	return scratch[n / 3];
}

__attribute__((section(".text.entry"))) u64 entry(u64 kernel, u64 rounds)
{
	static u64 (*const kernels[])(void) = { sieve, crc32, quicksort, sha256, records, hash_walk, bytecode, fib, heapsort };
	u64 result = 0;

	while (rounds--)
		result = result * 31 + kernels[kernel]();
	return result;
}
