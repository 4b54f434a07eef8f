// SPDX-License-Identifier: Apache-2.0
#include "apiserver/windowed_stream.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace keelson::apiserver {
namespace {

/// Notes what comes: the size of each write, "end".
class Noted : public client::PodStream {
public:
    explicit Noted(std::string& text) : m_text(text) {}
    void write(std::string bytes) override { m_text += fmt::format("{} ", bytes.size()); }
    void closeInput() override { m_text += "end "; }
    void resize(int columns, int rows) override { m_text += fmt::format("{}x{} ", columns, rows); }
    void grant(std::size_t bytes) override { m_text += fmt::format("+{} ", bytes); }

private:
    std::string& m_text;
};

TEST(WindowedStream, writesWhatTheWindowAllowsAndTheEndBehindIt)
{
    constexpr auto window = client::podStreamWindowBytes;
    std::string text;
    WindowedStream stream(std::make_unique<Noted>(text));
    const auto seen = [&] { return std::exchange(text, {}); };
    stream.write(std::string(100, 'x'));
    EXPECT_EQ(seen(), "100 ");
    stream.write(std::string(2 * window, 'x'));
    EXPECT_EQ(seen(), fmt::format("{} ", window - 100));
    stream.closeInput();
    stream.resize(80, 24);
    EXPECT_EQ(seen(), "80x24 ") << "the end waits, all else does not";
    stream.taken(100);
    EXPECT_EQ(seen(), "100 ");
    stream.taken(window);
    EXPECT_EQ(seen(), fmt::format("{} end ", window)) << "the end needs no room";
    stream.taken(window);
    stream.closeInput();
    EXPECT_EQ(seen(), "") << "once";
}

} // namespace
} // namespace keelson::apiserver
