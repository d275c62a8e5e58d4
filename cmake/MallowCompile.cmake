# How everything of the project is compiled: the interface target mallow_compile.
add_library(mallow_compile INTERFACE)
target_compile_features(mallow_compile INTERFACE c_std_17)
target_include_directories(mallow_compile INTERFACE
	"$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/libtrace>"
	"$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/cli>"
	"$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>")
target_compile_definitions(mallow_compile INTERFACE _GNU_SOURCE
	MALLOW_VERSION="${PROJECT_VERSION}")
target_compile_options(mallow_compile INTERFACE
	-std=gnu17 -fvisibility=hidden
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
	-Wwrite-strings -Wcast-qual -Wformat=2
	$<$<BOOL:${MALLOW_WERROR}>:-Werror>)

# What runs outside the traced program may be sanitized.
add_library(mallow_outside INTERFACE)
target_link_libraries(mallow_outside INTERFACE mallow_compile)
# A struct that was filled word by word and is then copied by vectors waits until its stores
# have left the processor's buffer: a tenth of the collector's time.
target_compile_options(mallow_outside INTERFACE
	$<$<C_COMPILER_ID:GNU>:-fno-tree-slp-vectorize>
	$<$<C_COMPILER_ID:Clang>:-fno-slp-vectorize>)
# A call that is inlined over files is worth a tenth of the collector's time. The objects can
# be linked without, too: what is installed of them must not depend on a compiler's version.
set(MALLOW_LINKS_LTO OFF)
if(MALLOW_LTO AND NOT MALLOW_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
	set(MALLOW_LINKS_LTO ON)
	target_compile_options(mallow_outside INTERFACE -flto=auto -ffat-lto-objects)
	target_link_options(mallow_outside INTERFACE -flto=auto)
endif()
if(MALLOW_SANITIZE)
	target_compile_options(mallow_outside INTERFACE
		-fsanitize=${MALLOW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	target_link_options(mallow_outside INTERFACE -fsanitize=${MALLOW_SANITIZE})
endif()

# mallow_layer(NAME DEPENDS...): the static library mlw_NAME of the sources in this folder.
function(mallow_layer name)
	file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c")
	if(NOT sources)
		add_library(mlw_${name} INTERFACE)
		target_link_libraries(mlw_${name} INTERFACE mallow_outside ${ARGN})
		return()
	endif()
	add_library(mlw_${name} STATIC ${sources})
	set_target_properties(mlw_${name} PROPERTIES LINKER_LANGUAGE C POSITION_INDEPENDENT_CODE ON)
	target_link_libraries(mlw_${name} PUBLIC mallow_outside ${ARGN})
endfunction()
