// How many threads one product may use: the process's limit. The names are C's, so that threadpoolctl finds them in
// the loaded library.
#pragma once

extern "C" {
int otimes_get_num_threads();
void otimes_set_num_threads(int threads);
}
