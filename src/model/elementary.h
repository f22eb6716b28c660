/* Internal: exp, tanh, log1p, expm1, erfc and what activations make of them, written without
 * branches, so that compilers turn loops over them into vector instructions. Every machine does the
 * same operations in the same order and gets the same bits. Within 4 units in the last place of the
 * exact value, erfc within 12 (subnormal results: of the smallest normal number).
 *
 * Rational approximations: S. L. Moshier, Cephes Mathematical Library (Methods and Programs for
 * Mathematical Functions, 1989), whose ranges are kept. */
#ifndef LUMPSCOPE_MODEL_ELEMENTARY_H
#define LUMPSCOPE_MODEL_ELEMENTARY_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t double_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double bits_double(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^n for n in [-1022, 1023], n given as the bits of 1.5 2^52 + n. */
static inline double power_of_two(uint64_t shifted) {
    return bits_double((shifted + 1023) << 52);
}

/* exp(x) = 2^n exp(r), |r| <= log(2)/2, the latter by its series to r^13, whose rest is below
 * 1e-17. 2^n in two steps, since subnormal results need n below -1022. */
static inline double elementary_exp(double x) {
    const double shift = 0x1.8p52;
    double y = x < -746.0 ? -746.0 : x;
    y = y > 710.0 ? 710.0 : y;
    double t = y * 1.44269504088896340736 + shift;
    double n = t - shift;
    double r = y - n * 6.93145751953125e-1 - n * 1.42860682030941723212e-6;
    double r2 = r * r, r4 = r2 * r2;
    double low = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
    double middle = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
    double high =
        (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800));
    double series = 1 + (r + r2 * (low + r4 * (middle + r4 * high)));
    double half = n * 0.5 + shift; /* rounded to an integer, ties to even */
    double rest = (n - (half - shift)) + shift;
    double value = series * power_of_two(double_bits(half)) * power_of_two(double_bits(rest));
    return x != x ? x : value;
}

/* exp(x) - 1: by a quotient of polynomials up to 1/2, where the difference would cancel. */
static inline double elementary_expm1(double x) {
    double r = x * x;
    double p = x * ((1.2617719307481059087798e-4 * r + 3.0299440770744196129956e-2) * r +
                    9.9999999999999999991025e-1);
    double q = ((3.0019850513866445504159e-6 * r + 2.5244834034968410419224e-3) * r +
                2.2726554820815502876593e-1) *
                   r +
               2.0000000000000000000897;
    double near = p / (q - p);
    double far = elementary_exp(x) - 1;
    return x >= -0.5 && x <= 0.5 ? near + near : far;
}

/* log(1 + x) for x in [0, 1]. Above sqrt(2) - 1 the half of 1 + x is taken, exactly. */
static inline double elementary_log1p(double x) {
    double high = x > 0.41421356237309504880 ? 1.0 : 0.0;
    double f = high > 0 ? (x - 1) * 0.5 : x;
    double z = f * f;
    double p = (((((4.5270000862445199635215e-5 * f + 4.9854102823193375972212e-1) * f +
                   6.5787325942061044846969) *
                      f +
                  2.9911919328553073277375e1) *
                     f +
                 6.0949667980987787057556e1) *
                    f +
                5.7112963590585538103336e1) *
                   f +
               2.0039553499201281259648e1;
    double q = (((((f + 1.5062909083469192043167e1) * f + 8.3047565967967209469434e1) * f +
                  2.2176239823732856465394e2) *
                     f +
                 3.0909872225312059774938e2) *
                    f +
                2.1642788614495947685003e2) *
                   f +
               6.0118660497603843919306e1;
    double value = f + (-0.5 * z + f * (z * p / q));
    double result = value + high * 6.93145751953125e-1 + high * 1.42860682030941723212e-6;
    return x != x ? x : result;
}

static inline double elementary_tanh(double x) {
    double size = fabs(x), s = x * x;
    double p =
        (-9.64399179425052238628e-1 * s - 9.92877231001918586564e1) * s - 1.61468768441708447952e3;
    double q = ((s + 1.12811678491632931402e2) * s + 2.23548839060100448583e3) * s +
               4.84406305325125486048e3;
    double near = x + x * (s * p / q);
    double bounded = size > 22 ? 22 : size;
    double far = 1 - 2 / (elementary_exp(2 * bounded) + 1);
    double value = size < 0.625 ? near : copysign(far, x);
    return x != x ? x : value;
}

/* 1/(1 + exp(-x)), from exp(-|x|), which does not overflow. */
static inline double elementary_logistic(double x) {
    double e = elementary_exp(-fabs(x));
    return (x < 0 ? e : 1.0) / (1 + e);
}

/* log(1 + exp(x)) */
static inline double elementary_softplus(double x) {
    return (x > 0 ? x : 0) + elementary_log1p(elementary_exp(-fabs(x)));
}

/* exp(-x^2) for x >= 0: the square in two parts, of which the first is exact. */
static inline double exp_of_minus_square(double x) {
    double m = (x * 128 + 0x1.8p52 - 0x1.8p52) * (1.0 / 128), f = x - m;
    return elementary_exp(-(m * m)) * elementary_exp(-(2 * m * f + f * f));
}

/* The complementary error function. Three ranges of |x|: below 1 by erf, below 8, beyond. */
static inline double elementary_erfc(double x) {
    double a = fabs(x), z = x * x;
    double erf_p =
        (((9.60497373987051638749 * z + 9.00260197203842689217e1) * z + 2.23200534594684319226e3) *
             z +
         7.00332514112805075473e3) *
            z +
        5.55923013010394962768e4;
    double erf_q = ((((z + 3.35617141647503099647e1) * z + 5.21357949780152679795e2) * z +
                     4.59432382970980127987e3) *
                        z +
                    2.26290000613890934246e4) *
                       z +
                   4.92673942608635921086e4;
    double near = 1 - x * (erf_p / erf_q);
    double b = a > 28 ? 28 : a;
    double p = (((((((2.46196981473530512524e-10 * b + 5.64189564831068821977e-1) * b +
                     7.46321056442269912687) *
                        b +
                    4.86371970985681366614e1) *
                       b +
                   1.96520832956077098242e2) *
                      b +
                  5.26445194995477358631e2) *
                     b +
                 9.34528527171957607540e2) *
                    b +
                1.02755188689515710272e3) *
                   b +
               5.57535335369399327526e2;
    double q = (((((((b + 1.32281951154744992508e1) * b + 8.67072140885989742329e1) * b +
                    3.54937778887819891062e2) *
                       b +
                   9.75708501743205489753e2) *
                      b +
                  1.82390916687909736289e3) *
                     b +
                 2.24633760818710981792e3) *
                    b +
                1.65666309194161350182e3) *
                   b +
               5.57535340817727675546e2;
    double far_p =
        ((((5.64189583547755073984e-1 * b + 1.27536670759978104416) * b + 5.01905042251180477414) *
              b +
          6.16021097993053585195) *
             b +
         7.40974269950448939160) *
            b +
        2.97886665372100240670;
    double far_q = (((((b + 2.26052863220117276590) * b + 9.39603524938001434673) * b +
                      1.20489539808096656605e1) *
                         b +
                     1.70814450747565897222e1) *
                        b +
                    9.60896809063285878198) *
                       b +
                   3.36907645100081516050;
    double ratio = (b < 8 ? p : far_p) / (b < 8 ? q : far_q);
    double tail = exp_of_minus_square(b) * ratio;
    double beyond = x < 0 ? 2 - tail : tail;
    double value = a < 1 ? near : beyond;
    return x != x ? x : value;
}

/* The standard normal distribution function. */
static inline double elementary_normal_cdf(double x) {
    return 0.5 * elementary_erfc(-x * M_SQRT1_2);
}

#endif
