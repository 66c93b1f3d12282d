"""How a 4×4 commutator enters the Riccati equations: one rule for bulk, interfaces and observables.

The Usadel equation ∂(ĝ∂ĝ) = [S, ĝ] and a boundary condition ĝ∂ĝ = [S, ĝ] act on γ, γ̃ through the same
extraction ½(1-γγ̃)(X12 - X11γ) of a commutator X = [S, ĝ] (S93-S95 of the 2019 supplement), which is

    R(S) = S11γ - γS22 - S12 + γS21γ,        R̃(S) = S21 - S22γ̃ + γ̃S11 - γ̃S12γ̃.

Bulk: γ'' = R(S) - 2γ'Ñγ̃γ', γ̃'' = R̃(S) - 2γ̃'Nγγ̃'; an end: γ' = R(S), γ̃' = R̃(S).
S is an array (4E, L): blocks 11, 12, 21, 22; u = (γ, γ̃) is (2E, L), with E entries of a matrix of spin, see
`algebra.lanes`. E = 4 without symmetry.
"""

from __future__ import annotations

from usadel._compile import kernel
from usadel.algebra.lanes import add_left_right, add_product, add_sandwich, entry, invert_one_minus, multiply


@kernel
def riccati_rows(out, s, u, w, diagonal=None):
    """out (2E, L) = (R(S), R̃(S)); w is scratch (E, L)."""
    entries = u.shape[0] // 2
    gamma, tilde, row, partner = u[0:entries], u[entries : 2 * entries], out[0:entries], out[entries : 2 * entries]
    s11, s12, s21, s22 = (
        s[0:entries],
        s[entries : 2 * entries],
        s[2 * entries : 3 * entries],
        s[3 * entries : 4 * entries],
    )
    for i in range(entries):
        for l in range(u.shape[1]):
            row[i, l] = -s12[i, l]
            partner[i, l] = s21[i, l]
    multiply(w, s21, gamma, diagonal)
    add_product(row, 1.0, s11, gamma, diagonal)
    add_product(row, -1.0, gamma, s22, diagonal)
    add_product(row, 1.0, gamma, w, diagonal)
    multiply(w, s12, tilde, diagonal)
    add_product(partner, -1.0, s22, tilde, diagonal)
    add_product(partner, 1.0, tilde, s11, diagonal)
    add_product(partner, -1.0, tilde, w, diagonal)


@kernel
def riccati_jacobian(jacobian, s, u, left, right, diagonal=None):
    """jacobian += ∂(R, R̃)/∂(γ, γ̃) at fixed S; left, right are scratch (E, L)."""
    entries = u.shape[0] // 2
    gamma, tilde = u[0:entries], u[entries : 2 * entries]
    s11, s12, s21, s22 = (
        s[0:entries],
        s[entries : 2 * entries],
        s[2 * entries : 3 * entries],
        s[3 * entries : 4 * entries],
    )
    for i in range(entries):
        for l in range(u.shape[1]):
            left[i, l] = s11[i, l]
            right[i, l] = -s22[i, l]
    add_product(left, 1.0, gamma, s21, diagonal)
    add_product(right, 1.0, s21, gamma, diagonal)
    add_left_right(jacobian, 0, left, right, diagonal)
    for i in range(entries):
        for l in range(u.shape[1]):
            left[i, l] = -s22[i, l]
            right[i, l] = s11[i, l]
    add_product(left, -1.0, tilde, s12, diagonal)
    add_product(right, -1.0, s12, tilde, diagonal)
    add_left_right(jacobian, 1, left, right, diagonal)


@kernel
def normalizations(n, nt, u, w, diagonal=None):
    """n = N = (1-γγ̃)⁻¹, nt = Ñ = (1-γ̃γ)⁻¹; w is scratch (E, L)."""
    entries = u.shape[0] // 2
    multiply(w, u[0:entries], u[entries : 2 * entries], diagonal)
    invert_one_minus(n, w, diagonal)
    multiply(w, u[entries : 2 * entries], u[0:entries], diagonal)
    invert_one_minus(nt, w, diagonal)


@kernel
def propagator(g, u, n, nt, diagonal=None):
    """g (4E, L) = ĝ(γ, γ̃) in block order, from u, N, Ñ."""
    entries = u.shape[0] // 2
    multiply(g[entries : 2 * entries], n, u[0:entries], diagonal)
    multiply(g[2 * entries : 3 * entries], nt, u[entries : 2 * entries], diagonal)
    for i in range(entries):
        one = 0.0 if diagonal is None and (i == 1 or i == 2) else 1.0
        for l in range(u.shape[1]):
            g[i, l] = 2.0 * n[i, l] - one
            g[entries + i, l] = 2.0 * g[entries + i, l]
            g[2 * entries + i, l] = -2.0 * g[2 * entries + i, l]
            g[3 * entries + i, l] = one - 2.0 * nt[i, l]


@kernel
def propagator_jacobian(dg, u, n, nt, w, diagonal=None):
    """dg (4E, 2E, L) = ∂ĝ/∂(γ, γ̃); w is scratch (2E, L).

    d(Nγ) = N dγ Ñ + Nγ dγ̃ γÑ,  dN = N dγ γ̃N + Nγ dγ̃ N, and the same with tildes exchanged.
    """
    entries = u.shape[0] // 2
    ngamma, nttilde = w[0:entries], w[entries : 2 * entries]
    multiply(ngamma, n, u[0:entries], diagonal)  # Nγ = γÑ
    multiply(nttilde, nt, u[entries : 2 * entries], diagonal)  # Ñγ̃ = γ̃N
    if diagonal is not None:
        dg[:] = 0.0
        for i in range(entries):
            for l in range(u.shape[1]):
                dg[i, i, l] = 2.0 * n[i, l] * nttilde[i, l]
                dg[i, entries + i, l] = 2.0 * ngamma[i, l] * n[i, l]
                dg[entries + i, i, l] = 2.0 * n[i, l] * nt[i, l]
                dg[entries + i, entries + i, l] = 2.0 * ngamma[i, l] * ngamma[i, l]
                dg[2 * entries + i, i, l] = -2.0 * nttilde[i, l] * nttilde[i, l]
                dg[2 * entries + i, entries + i, l] = -2.0 * nt[i, l] * n[i, l]
                dg[3 * entries + i, i, l] = -2.0 * nttilde[i, l] * nt[i, l]
                dg[3 * entries + i, entries + i, l] = -2.0 * nt[i, l] * ngamma[i, l]
        return
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
    """out (4E, …) += linear_map (4E, 4E) v (4E, …), skipping zeros; trailing axes flattened to one."""
    for i in range(out.shape[0]):
        for j in range(out.shape[0]):
            factor = linear_map[i, j]
            if factor != 0.0:
                for l in range(v.shape[1]):
                    out[i, l] += factor * v[j, l]


@kernel
def riccati_rows_linear(jacobian, factor, ds, u, diagonal=None):
    """jacobian += factor × the extraction R, R̃ of dS (4E, 2E, L), at fixed γ, γ̃."""
    entries = u.shape[0] // 2
    if diagonal is not None:
        for i in range(entries):
            for half in range(2):
                for j in range(entries):
                    if j != i and jacobian.shape[0] == 4 * entries:  # the spins are not coupled
                        continue
                    c = entries * half + j
                    up, low = entry(jacobian, entries, 0, i, half, j), entry(jacobian, entries, 1, i, half, j)
                    for l in range(u.shape[1]):
                        gamma, tilde = u[i, l], u[entries + i, l]
                        both = ds[i, c, l] - ds[3 * entries + i, c, l]
                        d12, d21 = ds[entries + i, c, l], ds[2 * entries + i, c, l]
                        jacobian[up, l] += factor * (both * gamma - d12 + gamma * d21 * gamma)
                        jacobian[low, l] += factor * (both * tilde + d21 - tilde * d12 * tilde)
        return
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
def gradient_term(f, u, du, n, nt, w, diagonal=None):
    """f (2E, L) -= 2(γ'Ñγ̃γ', γ̃'Nγγ̃'); w is scratch (2E, L)."""
    entries = u.shape[0] // 2
    w1, w2 = w[0:entries], w[entries : 2 * entries]
    multiply(w1, nt, u[entries : 2 * entries], diagonal)
    multiply(w2, w1, du[0:entries], diagonal)
    add_product(f[0:entries], -2.0, du[0:entries], w2, diagonal)
    multiply(w1, n, u[0:entries], diagonal)
    multiply(w2, w1, du[entries : 2 * entries], diagonal)
    add_product(f[entries : 2 * entries], -2.0, du[entries : 2 * entries], w2, diagonal)


@kernel
def gradient_jacobian(fu, fv, u, du, n, nt, w, diagonal=None):
    """Jacobians of the gradient term: fu += ∂f/∂u, fv = ∂f/∂u', see `add_halves`; w is scratch (5E, L).

    d(Ñγ̃) = Ñ dγ̃ N + Ñγ̃ dγ Ñγ̃,  d(Nγ) = N dγ Ñ + Nγ dγ̃ Nγ.
    """
    entries = u.shape[0] // 2
    k, a, b, c, d = (
        w[0:entries],
        w[entries : 2 * entries],
        w[2 * entries : 3 * entries],
        w[3 * entries : 4 * entries],
        w[4 * entries : 5 * entries],
    )
    for half in range(2):
        o = entries * half
        v = du[o : o + entries]
        if half == 0:
            inner, outer = nt, n
        else:
            inner, outer = n, nt
        other = u[entries - o : 2 * entries - o]
        multiply(k, inner, other, diagonal)  # Ñγ̃ (half 0) or Nγ (half 1)
        multiply(a, v, k, diagonal)
        multiply(b, k, v, diagonal)
        multiply(c, v, inner, diagonal)
        multiply(d, outer, v, diagonal)
        add_sandwich(fu, half, half, -2.0, a, b, diagonal)
        add_sandwich(fu, half, 1 - half, -2.0, c, d, diagonal)
        if diagonal is not None:
            for e in range(entries):
                for l in range(v.shape[1]):
                    fv[o + e, l] = -2.0 * (a[e, l] + b[e, l])
            continue
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
def matrix_current_diagonal(x11, x22, u, du, n, nt, w, diagonal=None):
    """x11, x22 (E, L): diagonal blocks of ĝ∂ĝ; w is scratch (8E, L).

    ∂N = N(∂γ γ̃ + γ ∂γ̃)N, and with G = ĝ: (ĝ∂ĝ)₁₁ = 2(2N-1)∂N - 4Nγ ∂(Ñγ̃), (ĝ∂ĝ)₂₂ = 2(2Ñ-1)∂Ñ - 4Ñγ̃ ∂(Nγ).
    """
    entries = u.shape[0] // 2
    gamma, tilde = u[0:entries], u[entries : 2 * entries]
    dgamma, dtilde = du[0:entries], du[entries : 2 * entries]
    dn, dnt, a, b = w[0:entries], w[entries : 2 * entries], w[2 * entries : 3 * entries], w[3 * entries : 4 * entries]
    ng, ntt, dng, dntt = (
        w[4 * entries : 5 * entries],
        w[5 * entries : 6 * entries],
        w[6 * entries : 7 * entries],
        w[7 * entries : 8 * entries],
    )
    multiply(a, dgamma, tilde, diagonal)
    add_product(a, 1.0, gamma, dtilde, diagonal)
    multiply(b, n, a, diagonal)
    multiply(dn, b, n, diagonal)
    multiply(a, dtilde, gamma, diagonal)
    add_product(a, 1.0, tilde, dgamma, diagonal)
    multiply(b, nt, a, diagonal)
    multiply(dnt, b, nt, diagonal)
    multiply(ng, n, gamma, diagonal)
    multiply(ntt, nt, tilde, diagonal)
    multiply(dng, dn, gamma, diagonal)
    add_product(dng, 1.0, n, dgamma, diagonal)
    multiply(dntt, dnt, tilde, diagonal)
    add_product(dntt, 1.0, nt, dtilde, diagonal)
    for e in range(entries):
        for l in range(u.shape[1]):
            x11[e, l] = -2.0 * dn[e, l]
            x22[e, l] = -2.0 * dnt[e, l]
    add_product(x11, 4.0, n, dn, diagonal)
    add_product(x11, -4.0, ng, dntt, diagonal)
    add_product(x22, 4.0, nt, dnt, diagonal)
    add_product(x22, -4.0, ntt, dng, diagonal)
