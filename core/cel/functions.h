// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cel/value.h"

#include <span>
#include <string_view>

namespace keelson::cel {

/// A function or an operator. `call` gets the target first, where it has one, and as many arguments as it wants.
struct Function {
    std::string_view name;
    bool hasTarget = false;
    std::size_t argsMin = 1; ///< The target counts.
    std::size_t argsMax = 1;
    Result<Value> (*call)(std::span<const Value> args) = nullptr;
    Type::Form result = Type::Form::Dyn; ///< What is known of its value.
};

/// Null when there is none that takes so many.
const Function* findFunction(std::string_view name, bool hasTarget, std::size_t args);
/// Whether there is one of that name at all.
bool isFunction(std::string_view name);

std::span<const Function> operators();
std::span<const Function> textFunctions();
std::span<const Function> listFunctions();
std::span<const Function> conversionFunctions();
std::span<const Function> timeFunctions();
std::span<const Function> addressFunctions();
std::span<const Function> urlFunctions();
std::span<const Function> formatFunctions();
std::span<const Function> accessFunctions();

/// The error of a call with arguments of types that it does not take.
std::unexpected<Error> noOverload(std::string_view name);

} // namespace keelson::cel
