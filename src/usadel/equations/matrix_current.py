"""How a 4×4 commutator enters the Riccati equations: one rule for bulk, interfaces and observables.

The Usadel equation ∂(ĝ∂ĝ) = [S, ĝ] and a boundary condition ĝ∂ĝ = [S, ĝ] act on γ, γ̃ through the same
extraction ½(1-γγ̃)(X12 - X11γ) of a commutator X = [S, ĝ] (S93-S95 of the 2019 supplement), which is

    R(S) = S11γ - γS22 - S12 + γS21γ,        R̃(S) = S21 - S22γ̃ + γ̃S11 - γ̃S12γ̃.

Bulk: γ'' = R(S) - 2γ'Ñγ̃γ', γ̃'' = R̃(S) - 2γ̃'Nγγ̃'; an end: γ' = R(S), γ̃' = R̃(S).
S is an array (16, L): blocks 11, 12, 21, 22, each row-major. u = (γ, γ̃) is (8, L).
"""

from __future__ import annotations

from usadel._compile import kernel
from usadel.algebra.lanes import add_left_right, add_product, add_sandwich, invert_one_minus, multiply


@kernel
def riccati_rows(out, s, u, w):
    """out (8, L) = (R(S), R̃(S)); w is scratch (4, L)."""
    gamma, tilde = u[0:4], u[4:8]
    for i in range(4):
        for l in range(u.shape[1]):
            out[i, l] = -s[4 + i, l]
            out[4 + i, l] = s[8 + i, l]
    multiply(w, s[8:12], gamma)
    add_product(out[0:4], 1.0, s[0:4], gamma)
    add_product(out[0:4], -1.0, gamma, s[12:16])
    add_product(out[0:4], 1.0, gamma, w)
    multiply(w, s[4:8], tilde)
    add_product(out[4:8], -1.0, s[12:16], tilde)
    add_product(out[4:8], 1.0, tilde, s[0:4])
    add_product(out[4:8], -1.0, tilde, w)


@kernel
def riccati_jacobian(jacobian, s, u, left, right):
    """jacobian (64, L) += ∂(R, R̃)/∂(γ, γ̃) at fixed S; left, right are scratch (4, L)."""
    gamma, tilde = u[0:4], u[4:8]
    for i in range(4):
        for l in range(u.shape[1]):
            left[i, l] = s[i, l]
            right[i, l] = -s[12 + i, l]
    add_product(left, 1.0, gamma, s[8:12])
    add_product(right, 1.0, s[8:12], gamma)
    add_left_right(jacobian, 0, left, right)
    for i in range(4):
        for l in range(u.shape[1]):
            left[i, l] = -s[12 + i, l]
            right[i, l] = s[i, l]
    add_product(left, -1.0, tilde, s[4:8])
    add_product(right, -1.0, s[4:8], tilde)
    add_left_right(jacobian, 4, left, right)


@kernel
def normalizations(n, nt, u, w):
    """n = N = (1-γγ̃)⁻¹, nt = Ñ = (1-γ̃γ)⁻¹; w is scratch (4, L)."""
    multiply(w, u[0:4], u[4:8])
    invert_one_minus(n, w)
    multiply(w, u[4:8], u[0:4])
    invert_one_minus(nt, w)


@kernel
def propagator(g, u, n, nt):
    """g (16, L) = ĝ(γ, γ̃) in block order, from u, N, Ñ."""
    multiply(g[4:8], n, u[0:4])
    multiply(g[8:12], nt, u[4:8])
    for i in range(4):
        one = 1.0 if (i == 0 or i == 3) else 0.0
        for l in range(u.shape[1]):
            g[i, l] = 2.0 * n[i, l] - one
            g[4 + i, l] = 2.0 * g[4 + i, l]
            g[8 + i, l] = -2.0 * g[8 + i, l]
            g[12 + i, l] = one - 2.0 * nt[i, l]


@kernel
def propagator_jacobian(dg, u, n, nt, w):
    """dg (16, 8, L) = ∂ĝ/∂(γ, γ̃); w is scratch (8, L).

    d(Nγ) = N dγ Ñ + Nγ dγ̃ γÑ,  dN = N dγ γ̃N + Nγ dγ̃ N, and the same with tildes exchanged.
    """
    ngamma, nttilde = w[0:4], w[4:8]
    multiply(ngamma, n, u[0:4])  # Nγ = γÑ
    multiply(nttilde, nt, u[4:8])  # Ñγ̃ = γ̃N
    for i in range(2):
        for j in range(2):
            row = 2 * i + j
            for k in range(2):
                for m in range(2):
                    c = 2 * k + m
                    a, b = 2 * i + k, 2 * m + j
                    for l in range(u.shape[1]):
                        dg[row, c, l] = 2.0 * n[a, l] * nttilde[b, l]
                        dg[row, 4 + c, l] = 2.0 * ngamma[a, l] * n[b, l]
                        dg[4 + row, c, l] = 2.0 * n[a, l] * nt[b, l]
                        dg[4 + row, 4 + c, l] = 2.0 * ngamma[a, l] * ngamma[b, l]
                        dg[8 + row, c, l] = -2.0 * nttilde[a, l] * nttilde[b, l]
                        dg[8 + row, 4 + c, l] = -2.0 * nt[a, l] * n[b, l]
                        dg[12 + row, c, l] = -2.0 * nttilde[a, l] * nt[b, l]
                        dg[12 + row, 4 + c, l] = -2.0 * nt[a, l] * ngamma[b, l]


@kernel
def apply_map(out, linear_map, v):
    """out (16, …) += linear_map (16, 16) v (16, …), skipping zeros; trailing axes flattened to one."""
    for i in range(16):
        for j in range(16):
            factor = linear_map[i, j]
            if factor != 0.0:
                for l in range(v.shape[1]):
                    out[i, l] += factor * v[j, l]


@kernel
def riccati_rows_linear(jacobian, factor, ds, u):
    """jacobian (64, L) += factor × the extraction R, R̃ of dS (16, 8, L), at fixed γ, γ̃."""
    for c in range(8):
        for i in range(2):
            for j in range(2):
                up = 8 * (2 * i + j) + c
                low = up + 32
                e = 2 * i + j
                for l in range(u.shape[1]):
                    jacobian[up, l] -= factor * ds[4 + e, c, l]
                    jacobian[low, l] += factor * ds[8 + e, c, l]
                for k in range(2):
                    ik, kj = 2 * i + k, 2 * k + j
                    for l in range(u.shape[1]):
                        jacobian[up, l] += factor * (ds[ik, c, l] * u[kj, l] - u[ik, l] * ds[12 + kj, c, l])
                        jacobian[low, l] += factor * (u[4 + ik, l] * ds[kj, c, l] - ds[12 + ik, c, l] * u[4 + kj, l])
                    for m in range(2):
                        km, mj = 2 * k + m, 2 * m + j
                        for l in range(u.shape[1]):
                            jacobian[up, l] += factor * (u[ik, l] * ds[8 + km, c, l] * u[mj, l])
                            jacobian[low, l] -= factor * (u[4 + ik, l] * ds[4 + km, c, l] * u[4 + mj, l])


@kernel
def gradient_term(f, u, du, n, nt, w):
    """f (8, L) -= 2(γ'Ñγ̃γ', γ̃'Nγγ̃'); w is scratch (8, L)."""
    w1, w2 = w[0:4], w[4:8]
    multiply(w1, nt, u[4:8])
    multiply(w2, w1, du[0:4])
    add_product(f[0:4], -2.0, du[0:4], w2)
    multiply(w1, n, u[0:4])
    multiply(w2, w1, du[4:8])
    add_product(f[4:8], -2.0, du[4:8], w2)


@kernel
def gradient_jacobian(fu, fv, u, du, n, nt, w):
    """Jacobians of the gradient term: fu (64, L) += ∂f/∂u, fv (32, L) = ∂f/∂u' (its two 4×4 blocks); w (20, L).

    d(Ñγ̃) = Ñ dγ̃ N + Ñγ̃ dγ Ñγ̃,  d(Nγ) = N dγ Ñ + Nγ dγ̃ Nγ.
    """
    k, a, b, c, d = w[0:4], w[4:8], w[8:12], w[12:16], w[16:20]
    for half in range(2):
        o = 4 * half
        v = du[o : o + 4]
        if half == 0:
            inner, outer = nt, n
        else:
            inner, outer = n, nt
        other = u[4 - o : 8 - o]
        multiply(k, inner, other)  # Ñγ̃ (half 0) or Nγ (half 1)
        multiply(a, v, k)
        multiply(b, k, v)
        multiply(c, v, inner)
        multiply(d, outer, v)
        add_sandwich(fu, o, o, -2.0, a, b)
        add_sandwich(fu, o, 4 - o, -2.0, c, d)
        for e in range(16):
            for l in range(v.shape[1]):
                fv[16 * half + e, l] = 0.0
        for i in range(2):
            for j in range(2):
                for m in range(2):
                    for l in range(v.shape[1]):
                        fv[16 * half + 4 * (2 * i + j) + 2 * m + j, l] -= 2.0 * a[2 * i + m, l]
                        fv[16 * half + 4 * (2 * i + j) + 2 * i + m, l] -= 2.0 * b[2 * m + j, l]


@kernel
def matrix_current_diagonal(x11, x22, u, du, n, nt, w):
    """x11, x22 (4, L): diagonal blocks of ĝ∂ĝ; w is scratch (32, L).

    ∂N = N(∂γ γ̃ + γ ∂γ̃)N, and with G = ĝ: (ĝ∂ĝ)₁₁ = 2(2N-1)∂N - 4Nγ ∂(Ñγ̃), (ĝ∂ĝ)₂₂ = 2(2Ñ-1)∂Ñ - 4Ñγ̃ ∂(Nγ).
    """
    gamma, tilde = u[0:4], u[4:8]
    dgamma, dtilde = du[0:4], du[4:8]
    dn, dnt, a, b = w[0:4], w[4:8], w[8:12], w[12:16]
    ng, ntt, dng, dntt = w[16:20], w[20:24], w[24:28], w[28:32]
    multiply(a, dgamma, tilde)
    add_product(a, 1.0, gamma, dtilde)
    multiply(b, n, a)
    multiply(dn, b, n)
    multiply(a, dtilde, gamma)
    add_product(a, 1.0, tilde, dgamma)
    multiply(b, nt, a)
    multiply(dnt, b, nt)
    multiply(ng, n, gamma)
    multiply(ntt, nt, tilde)
    multiply(dng, dn, gamma)
    add_product(dng, 1.0, n, dgamma)
    multiply(dntt, dnt, tilde)
    add_product(dntt, 1.0, nt, dtilde)
    for e in range(4):
        for l in range(u.shape[1]):
            x11[e, l] = -2.0 * dn[e, l]
            x22[e, l] = -2.0 * dnt[e, l]
    add_product(x11, 4.0, n, dn)
    add_product(x11, -4.0, ng, dntt)
    add_product(x22, 4.0, nt, dnt)
    add_product(x22, -4.0, ntt, dng)
