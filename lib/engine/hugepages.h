#ifndef MS_HUGEPAGES_H
#define MS_HUGEPAGES_H

#include <stddef.h>
#include <sys/types.h>

/*
 * The memory of a signature database in large pages. Matching jumps about in
 * tables of tens to hundreds of MB; with pages of 4 KiB every jump costs a
 * walk through the page tables, and the kernel a fault for each while the
 * tables are filled. libclamav takes its memory from mmap(), by the quarter
 * of a MB, which is too little for a large page. The dynamic linker looks for
 * a function in the program before it looks in libc, so libclamav asks the
 * one here, which cuts such pieces from larger ones. Where the linker or the
 * kernel does not follow, all works as before, and slower.
 */

/* Between these two calls. One thread only. */
void ms_hugepages_begin(void);
void ms_hugepages_end(void);

/* As mmap() of POSIX, with 64 bits in the offset. */
void *ms_hugepages_map(void *where, size_t size, int protection, int flags,
    int fd, off_t offset) __asm__("mmap64");

#endif
