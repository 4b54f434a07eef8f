// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace keelson {

/// The only source of chance for logic: names, uids, jitter. Not for keys or tokens, which come from OpenSSL.
/// Any thread may ask.
class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t next() = 0;

    /// A number in [0, bound). `bound` must be over 0.
    std::uint64_t below(std::uint64_t bound);
    /// `length` characters of Kubernetes' name alphabet (no vowels, nothing that looks alike): "x7k9d".
    std::string suffix(std::size_t length);
    /// A random (version 4) UUID (RFC 9562).
    std::string uuid();
};

/// Seeded from the machine's entropy.
class SystemRandom : public Random {
public:
    SystemRandom();
    std::uint64_t next() override;

private:
    std::mutex m_mutex;
    std::mt19937_64 m_engine;
};

/// The same seed gives the same sequence; for tests and simulation.
class SeededRandom : public Random {
public:
    explicit SeededRandom(std::uint64_t seed);
    std::uint64_t next() override;

private:
    std::mutex m_mutex;
    std::mt19937_64 m_engine;
};

} // namespace keelson
