// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/connection_lane.h"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <string>

/// Holds Beast: included only by connection_streams.cpp and web_socket_tunnel.cpp.
namespace keelson::apiserver {

/// Answers the upgrade and takes the connection over.
void startWebSocket(std::shared_ptr<Lane> lane, TlsSocket stream,
                    boost::beast::http::request<boost::beast::http::string_body> request, std::string protocol,
                    std::shared_ptr<TunnelEvents> events);

} // namespace keelson::apiserver
