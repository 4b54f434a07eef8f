// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/limits.h"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

namespace keelson::apiserver {

/// Holds the whole header to `headerBytesMax`. Beast's own limit counts what has come since the last
/// whole line: who sends line after line would fill the memory.
template <bool isRequest, typename Body>
class LimitedParser : public boost::beast::http::parser<isRequest, Body> {
public:
    LimitedParser() { this->header_limit(headerBytesMax); }
    /// Reads the body behind a header that has been read, in another form.
    template <typename OtherBody>
    explicit LimitedParser(LimitedParser<isRequest, OtherBody>&& header)
        : Parser(static_cast<boost::beast::http::parser<isRequest, OtherBody>&&>(header)),
          m_headerBytes(header.m_headerBytes)
    {
    }

private:
    template <bool, typename>
    friend class LimitedParser;
    using Parser = boost::beast::http::parser<isRequest, Body>;

    void on_field_impl(boost::beast::http::field name, boost::beast::string_view nameText,
                       boost::beast::string_view value, boost::beast::error_code& failure) override
    {
        constexpr std::size_t between = 4; // ": " and the line's end
        m_headerBytes += nameText.size() + value.size() + between;
        if (m_headerBytes > headerBytesMax)
            failure = boost::beast::http::error::header_limit;
        else
            this->get().insert(name, nameText, value);
    }

    std::size_t m_headerBytes = 0;
};

} // namespace keelson::apiserver
