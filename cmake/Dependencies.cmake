# The libraries this program is built on, all from Debian 12's packages.
find_package(Threads REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(GTest REQUIRED)

# Boost 1.81 is used header-only (Asio, Beast); the program never links a Boost library.
find_path(MCPIO_BOOST_INCLUDE boost/asio/awaitable.hpp REQUIRED)
add_library(mcpio_asio INTERFACE)
add_library(mcpio::asio ALIAS mcpio_asio)
target_include_directories(mcpio_asio SYSTEM INTERFACE ${MCPIO_BOOST_INCLUDE})
target_compile_definitions(mcpio_asio INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY BOOST_ERROR_CODE_HEADER_ONLY
  # Memory comes from malloc's own cache. Asio's holds a few blocks without regard to their sizes,
  # frees one for each request that none of them fits, and asks for what it lacks by aligned_alloc,
  # which goes past malloc's cache.
  BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
  BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)
target_link_libraries(mcpio_asio INTERFACE Threads::Threads)
