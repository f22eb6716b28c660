/* Put before the tests by .ci/analyse: what clang-tidy cannot see in cmocka's library, that a test
 * does not go on behind a failed assertion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void _fail(const char *file, int line) __attribute__((analyzer_noreturn));

#include <cmocka.h>

#undef assert_true
#undef assert_non_null
#undef assert_int_equal
#define assert_true(holds)       ((holds) ? (void)0 : _fail(__FILE__, __LINE__))
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_int_equal(a, b)   assert_true((a) == (b))
