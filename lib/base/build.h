#ifndef MS_BUILD_H
#define MS_BUILD_H

/* How this binary was built, as values, so that nobody else needs #ifdef. */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MS_BUILD_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MS_BUILD_ASAN 1
#endif
#ifndef MS_BUILD_ASAN
#define MS_BUILD_ASAN 0
#endif

/* A sanitizer's run-time needs terabytes of address space and system calls
 * of its own, so a build with one cannot be boxed. */
enum { MS_BUILD_SANITIZED = MS_BUILD_ASAN };

#endif
