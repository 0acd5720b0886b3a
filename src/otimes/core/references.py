"""The sources that rules cite, by key."""

REFERENCES = {
    "AlMohyHigham2011": "A. H. Al-Mohy, N. J. Higham, Computing the action of the matrix exponential, with an "
    "application to exponential integrators, SIAM J. Sci. Comput. 33 (2011) 488-511",
    "BartelsStewart1972": "R. H. Bartels, G. W. Stewart, Solution of the matrix equation AX + XB = C, "
    "Comm. ACM 15 (1972) 820-826",
    "BiniFavati1993": "D. Bini, P. Favati, On a matrix algebra related to the discrete Hartley transform, "
    "SIAM J. Matrix Anal. Appl. 14 (1993) 500-507",
    "Davis1994": "P. J. Davis, Circulant Matrices, 2nd ed., Chelsea, 1994",
    "GohbergSemencul1972": "I. C. Gohberg, A. A. Semencul, On the inversion of finite Toeplitz matrices and their "
    "continuous analogs, Mat. Issled. 7 (1972) 201-223",
    "GardinerLaubAmatoMoler1992": "J. D. Gardiner, A. J. Laub, J. J. Amato, C. B. Moler, Solution of the Sylvester "
    "matrix equation AXBᵀ + CXDᵀ = E, ACM Trans. Math. Software 18 (1992) 223-231",
    "GolubVanLoan2013": "G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., Johns Hopkins, 2013",
    "Higham2008": "N. J. Higham, Functions of Matrices: Theory and Computation, SIAM, 2008",
    "Hager1989": "W. W. Hager, Updating the inverse of a matrix, SIAM Review 31 (1989) 221-239",
    "HornJohnson1991": "R. A. Horn, C. R. Johnson, Topics in Matrix Analysis, Cambridge, 1991, chapter 4",
    "KoldaBader2009": "T. G. Kolda, B. W. Bader, Tensor decompositions and applications, SIAM Review 51 (2009) 455-500",
    "LancasterFarahat1972": "P. Lancaster, H. K. Farahat, Norms on direct sums and tensor products, "
    "Math. Comp. 26 (1972) 401-414",
    "LangvilleStewart2004": "A. N. Langville, W. J. Stewart, The Kronecker product and stochastic automata "
    "networks, J. Comput. Appl. Math. 167 (2004) 429-447",
    "Li2005": "X. S. Li, An overview of SuperLU, ACM Trans. Math. Software 31 (2005) 302-325",
    "LynchRiceThomas1964": "R. E. Lynch, J. R. Rice, D. H. Thomas, Direct solution of partial difference "
    "equations by tensor product methods, Numer. Math. 6 (1964) 185-199",
    "MagnusNeudecker1979": "J. R. Magnus, H. Neudecker, The commutation matrix: some properties and "
    "applications, Ann. Statist. 7 (1979) 381-394",
    "MagnusNeudecker1980": "J. R. Magnus, H. Neudecker, The elimination matrix: some lemmas and applications, "
    "SIAM J. Algebraic Discrete Methods 1 (1980) 422-449",
    "McClellanParks1972": "J. H. McClellan, T. W. Parks, Eigenvalue and eigenvector decomposition of the discrete "
    "Fourier transform, IEEE Trans. Audio Electroacoust. 20 (1972) 66-74",
    "Oseledets2010": "I. V. Oseledets, Approximation of 2^d × 2^d matrices using tensor trains, "
    "SIAM J. Matrix Anal. Appl. 31 (2010) 2130-2145",
    "Oseledets2011": "I. V. Oseledets, Tensor-train decomposition, SIAM J. Sci. Comput. 33 (2011) 2295-2317",
    "Slyusar1999": "V. I. Slyusar, A family of face products of matrices and its properties, Cybern. Syst. Anal. 35 "
    "(1999) 379-384",
    "VannieuwenhovenEtAl2012": "N. Vannieuwenhoven, R. Vandebril, K. Meerbergen, A new truncation strategy for the "
    "higher-order singular value decomposition, SIAM J. Sci. Comput. 34 (2012) A1027-A1052",
    "Strang1999": "G. Strang, The discrete cosine transform, SIAM Rev. 41 (1999) 135-147",
    "VanLoan2000": "C. F. Van Loan, The ubiquitous Kronecker product, J. Comput. Appl. Math. 123 (2000) 85-100",
}
