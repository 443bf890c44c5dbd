// ow: the process tree.
#ifndef OW_TREE_H
#define OW_TREE_H

#include "config.h"

// Clones the whole tree, lets every clone become its process and waits until they stand at the gate.
void resurrect(const struct config *config);

#endif
