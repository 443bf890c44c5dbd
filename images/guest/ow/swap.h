// ow: what of the dead kernel is in swap. See swap.c.
#ifndef SWAP_H
#define SWAP_H

// Begins to read all of it, and does not wait for the end.
void empty_swap(void);

#endif
