// SPDX-License-Identifier: MIT
#include "crypto/key_recipe.h"

#include <utility>

namespace mcpio::crypto {
namespace {

void wipe_and_free(OSSL_PARAM* params) {
  for (OSSL_PARAM* param = params; param != nullptr && param->key != nullptr; ++param)
    OPENSSL_cleanse(param->data, param->data_size);
  OSSL_PARAM_free(params);
}

using Params = Owned<OSSL_PARAM, wipe_and_free>;
using Context = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

}  // namespace

KeyRecipe::KeyRecipe() : builder_(OSSL_PARAM_BLD_new()) { require(builder_ != nullptr, "recipe"); }

void KeyRecipe::add_text(const char* param, const char* text) {
  require(OSSL_PARAM_BLD_push_utf8_string(builder_.get(), param, text, 0) == 1, param);
}

void KeyRecipe::add_bytes(const char* param, const std::string& bytes) {
  const auto* const data = bytes.data();
  require(OSSL_PARAM_BLD_push_octet_string(builder_.get(), param, data, bytes.size()) == 1, param);
}

void KeyRecipe::add_number(const char* param, const Secret& bytes) {
  const std::string_view view = bytes.reveal();
  Number number(BN_bin2bn(bytes_of(view), static_cast<int>(view.size()), nullptr));
  require(number && OSSL_PARAM_BLD_push_BN(builder_.get(), param, number.get()) == 1, param);
  numbers_.push_back(std::move(number));
}

Key KeyRecipe::make(const char* type) const {
  const ForgetErrors forget;
  const Params params(OSSL_PARAM_BLD_to_param(builder_.get()));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  require(params && context && EVP_PKEY_fromdata_init(context.get()) == 1, type);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) return {};
  return Key(key);
}

}  // namespace mcpio::crypto
