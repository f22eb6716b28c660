/* Elements of tensors: the bits other programs write for them, and one rounding to nearest. */
#include "lumpscope/tensor_type.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint16_t encode16(enum tensor_type type, double value, bool *fits) {
    unsigned char bytes[2];
    *fits = tensor_encode(type, &value, 1, bytes);
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static double decode16(enum tensor_type type, unsigned bits) {
    unsigned char bytes[2] = {(unsigned char)bits, (unsigned char)(bits >> 8)};
    double value;
    tensor_decode(type, bytes, 1, &value);
    return value;
}

/* As NumPy (F16) and PyTorch (BF16) make them; the last of each kind lies so close to a tie that
 * going by way of an F32 would miss it. */
static void small_types_have_the_bits_other_programs_write(void **state) {
    (void)state;
    static const struct {
        double value;
        unsigned half, brain;
    } cases[] = {
        {0.0, 0x0000, 0x0000},
        {-0.0, 0x8000, 0x8000},
        {1.0, 0x3c00, 0x3f80},
        {-2.5, 0xc100, 0xc020},
        {0.1, 0x2e66, 0x3dcd},
        {65504, 0x7bff, 0x4780},
        {65519.99, 0x7bff, 0x4780},
        {65520, 0x7c00, 0x4780},
        {-65520, 0xfc00, 0xc780},
        {1e300, 0x7c00, 0x7f80},
        {0x1p-14, 0x0400, 0x3880},
        {0x1.ff8p-15, 0x03ff, 0x3880},
        {0x1p-24, 0x0001, 0x3380},
        {0x1p-25, 0x0000, 0x3300},
        {0x1.8p-24, 0x0002, 0x33c0},
        {0x1.002p+0, 0x3c00, 0x3f80},
        {0x1.006p+0, 0x3c02, 0x3f80},
        {1.0 / 3, 0x3555, 0x3eab},
        {0x1.fep+127, 0x7c00, 0x7f7f},
        {0x1.ffp+127, 0x7c00, 0x7f80},
        {1e-40, 0x0000, 0x0001},
        {0x1p-133, 0x0000, 0x0001},
        {0x1p-134, 0x0000, 0x0000},
        {0x1.01p+0, 0x3c04, 0x3f80},
        {0x1.03p+0, 0x3c0c, 0x3f82},
        {INFINITY, 0x7c00, 0x7f80},
        {-INFINITY, 0xfc00, 0xff80},
        {0x1.0000000000001p-25, 0x0001, 0x3300},
        {0x1.0020000001p+0, 0x3c01, 0x3f80},
        {0x1.0100000001p+0, 0x3c04, 0x3f81},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        bool fits;
        assert_int_equal(encode16(TENSOR_F16, cases[k].value, &fits), cases[k].half);
        assert_int_equal(fits, (cases[k].half & 0x7fff) != 0x7c00 || isinf(cases[k].value));
        assert_int_equal(encode16(TENSOR_BF16, cases[k].value, &fits), cases[k].brain);
        assert_int_equal(fits, (cases[k].brain & 0x7fff) != 0x7f80 || isinf(cases[k].value));
    }
}

/* Every pattern comes back; what lies between two neighbours goes to the nearer, a tie to the even
 * one. */
static void every_small_number_survives_and_its_neighbourhood_rounds_to_it(void **state) {
    (void)state;
    static const enum tensor_type types[] = {TENSOR_F16, TENSOR_BF16};
    static const unsigned infinite[] = {0x7c00, 0x7f80};
    for (size_t t = 0; t < 2; t++)
        for (unsigned bits = 0; bits < 0x10000; bits++) {
            bool fits;
            double value = decode16(types[t], bits);
            if ((bits & 0x7fff) > infinite[t]) {
                assert_true(isnan(value));
                assert_true((encode16(types[t], value, &fits) & 0x7fff) > infinite[t]);
                continue;
            }
            assert_int_equal(encode16(types[t], value, &fits), bits);
            if ((bits & 0x7fff) + 1 >= infinite[t])
                continue;
            double middle = (value + decode16(types[t], bits + 1)) / 2;
            bool away = bits & 0x8000;
            assert_int_equal(encode16(types[t], middle, &fits), bits + (bits & 1));
            assert_int_equal(encode16(types[t], nextafter(middle, 0), &fits), bits);
            assert_int_equal(
                encode16(types[t], nextafter(middle, away ? -INFINITY : INFINITY), &fits),
                bits + 1);
            assert_true(fits);
        }
}

static void wide_types_are_the_machine_s_own(void **state) {
    (void)state;
    static const double values[] = {0, -0.0, 0.1, 1e-310, 5e-324, -3.5e38, 1e300, INFINITY};
    unsigned char bytes[8 * sizeof values / sizeof *values];
    double again[8];
    assert_true(tensor_encode(TENSOR_F64, values, 8, bytes));
    tensor_decode(TENSOR_F64, bytes, 8, again);
    assert_memory_equal(values, again, sizeof values);
    assert_true(tensor_encode(TENSOR_F32, values, 4, bytes));
    assert_false(tensor_encode(TENSOR_F32, values, 8, bytes));
    tensor_decode(TENSOR_F32, bytes, 8, again);
    for (size_t k = 0; k < 8; k++)
        assert_true(again[k] == (double)(float)values[k]);
    static const unsigned char one[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0x40};
    tensor_decode(TENSOR_F32, one, 2, again);
    assert_true(again[0] == 1 && again[1] == 2);
}

static void integers_are_read_with_their_signs(void **state) {
    (void)state;
    static const unsigned char ones[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    static const struct {
        enum tensor_type type;
        double value;
    } cases[] = {
        {TENSOR_I64, -1}, {TENSOR_I32, -1},         {TENSOR_I16, -1},
        {TENSOR_I8, -1},  {TENSOR_U32, 4294967295}, {TENSOR_U16, 65535},
        {TENSOR_U8, 255}, {TENSOR_BOOL, 1},         {TENSOR_U64, 0x1p64},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double value;
        tensor_decode(cases[k].type, ones, 1, &value);
        assert_true(value == cases[k].value);
    }
}

static void names_are_those_of_safetensors(void **state) {
    (void)state;
    for (int k = 0; k < TENSOR_TYPES; k++) {
        enum tensor_type type;
        assert_true(tensor_type_parse(tensor_type_name((enum tensor_type)k), &type));
        assert_int_equal(type, k);
        assert_int_equal(tensor_type_parse_float(tensor_type_name(type), &type), k < TENSOR_FLOATS);
    }
    enum tensor_type type;
    assert_true(tensor_type_parse_float("bf16", &type));
    assert_int_equal(type, TENSOR_BF16);
    assert_false(tensor_type_parse("F8_E4M3", &type));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_types_have_the_bits_other_programs_write),
        cmocka_unit_test(every_small_number_survives_and_its_neighbourhood_rounds_to_it),
        cmocka_unit_test(wide_types_are_the_machine_s_own),
        cmocka_unit_test(integers_are_read_with_their_signs),
        cmocka_unit_test(names_are_those_of_safetensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
