// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keelson::bench {

/// Takes head and framing off a chunked reply that does not end.
class ChunkedBody {
public:
    /// The bytes of the body in what has come; they are valid until the next call.
    const std::string& add(std::string_view bytes);

private:
    std::string m_rest;
    std::string m_body;
    std::size_t m_left = 0;    ///< Of the present chunk.
    std::size_t m_lineEnd = 0; ///< Of the line's end behind it.
    bool m_headRead = false;
};

/// Finds the end of replies, one behind the other, and keeps no more of each than its beginning: a client that copies
/// megabytes would measure itself.
class ReplyReader {
public:
    /// Takes what belongs to the present reply from the beginning of `bytes` and returns how much that was. Ask `whole`
    /// then.
    std::size_t add(std::string_view bytes);
    bool whole() const { return m_headRead && m_left == 0 && !m_chunked; }
    /// Head and beginning of the body.
    const std::string& beginning() const { return m_beginning; }
    /// "HTTP/1.1 2..".
    bool succeeded() const;
    /// The next reply begins.
    void reset() { *this = {}; }

private:
    void readHead(std::size_t end);

    std::string m_beginning;
    std::size_t m_left = 0; ///< Of a body whose length is known.
    std::string m_tail;     ///< Of a chunked body: its last bytes.
    bool m_headRead = false;
    bool m_chunked = false; ///< And its end has not come.
};

} // namespace keelson::bench
