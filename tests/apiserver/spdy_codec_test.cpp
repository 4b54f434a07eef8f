// SPDX-License-Identifier: Apache-2.0
#include "apiserver/spdy_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::apiserver {
namespace {

using Type = SpdyFrame::Type;

Headers headers(const std::string& name, const std::string& value)
{
    Headers made;
    made.add(name, value);
    return made;
}

TEST(SpdyCodec, compressesWithTheProtocolsDictionary)
{
    SpdyWriter writer;
    const auto frame = writer.synStream(1, headers("streamtype", "error"));
    EXPECT_EQ(frame.substr(0, 4), std::string("\x80\x03\x00\x01", 4));
    EXPECT_EQ(frame.substr(18, 6), "\x78\xf9\xe3\xc6\xa7\xc2") << "zlib's header and the dictionary's checksum";
}

TEST(SpdyCodec, readsWhatItWritesInPiecesOfAnySize)
{
    SpdyWriter writer;
    const auto bytes = writer.synStream(1, headers("streamtype", "error")) +
                       writer.synStream(3, headers("streamtype", "stdin")) + SpdyWriter::data(3, "hello", true) +
                       SpdyWriter::ping(7) + SpdyWriter::reset(1, spdyRefusedStream) + writer.synReply(5);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
        SpdyReader reader;
        std::vector<SpdyFrame> frames;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            auto more = reader.feed(std::string_view(bytes).substr(at, step));
            ASSERT_TRUE(more) << more.error().message;
            frames.insert(frames.end(), more->begin(), more->end());
        }
        ASSERT_EQ(frames.size(), 6U);
        EXPECT_EQ(frames[0].headers.get("streamType"), "error");
        EXPECT_EQ(frames[1].headers.get("streamType"), "stdin");
        EXPECT_EQ(frames[1].stream, 3U);
        EXPECT_EQ(frames[2].data, "hello");
        EXPECT_TRUE(frames[2].last);
        EXPECT_EQ(frames[3].number, 7U);
        EXPECT_EQ(frames[4].type, Type::RstStream);
        EXPECT_EQ(frames[4].number, spdyRefusedStream);
        EXPECT_EQ(frames[5].type, Type::SynReply);
    }
}

TEST(SpdyCodec, splitsWhatIsLong)
{
    const std::string text(150'000, 'x');
    SpdyReader reader;
    const auto frames = reader.feed(SpdyWriter::data(1, text, true));
    ASSERT_EQ(frames->size(), 3U);
    EXPECT_FALSE((*frames)[1].last);
    EXPECT_TRUE((*frames)[2].last);
}

TEST(SpdyCodec, refusesWhatIsNoSpdy)
{
    for (const auto& bytes : {
             std::string("\x80\x02\x00\x01\x00\x00\x00\x00", 8),                      // another version
             std::string("\x80\x03\x00\x01\x00\x00\x00\x04\x00\x00\x00\x01", 12),     // too short to open a stream
             std::string("\x80\x03\x00\x02\x00\x00\x00\x08\x00\x00\x00\x01garb", 16), // headers that are not compressed
             std::string("\x00\x00\x00\x01\x00\xff\xff\xff", 8),                      // too long
         }) {
        SpdyReader reader;
        EXPECT_FALSE(reader.feed(bytes));
    }
}

} // namespace
} // namespace keelson::apiserver
